"""UDK Debitor's side: agreements, inquiries answered, expectations marked, withholdings settled.

An inquiry is answered in one transaction: every agreement that can be set off is marked "payment expected"
and the answer's bytes are put in the outbox. A withholding report settles those marks line by line.
It never decides what is withheld, never changes a file that was sent, and never closes a mark without a
report or a person. It never imports KY's side: the two meet in files.
Start reading in `states.py`, then `selecting.py`, `answering.py` and `settling.py`.
"""
