"""KY, the benefit system's side: payout runs, inquiries, answers, withholdings, reports.

One row per municipality, value date, run type and sequence is one exchange; its state machine stands in
`states.py`, and only `runs.move` changes a state. What is withheld is decided by the pure `allocating.py`.
It never carries a debt forward, never splits pro rata, and never pays or withholds for a run without an
accepted answer. It never imports UDK Debitor's side: the two meet in files.
Start reading in `states.py`, then `allocating.py`, then `worker.py`.
"""
