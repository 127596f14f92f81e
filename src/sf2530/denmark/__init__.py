"""What is Danish, and the same for every party: CPR numbers, municipalities, banking days, time, øre.

Pure values and functions: text and numbers in, values or a `DataError` out. It never asks what
time it is (the clock is an argument), never touches a file beyond its own table of municipalities,
and never repairs what it is given. Start reading in `cpr.py`; `banking_days.py` and
`business_time.py` say when a payout run can be, `ore.py` how amounts are read and shown.
"""
