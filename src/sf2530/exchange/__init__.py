"""Taking part in file exchange over SFTP: the documents, the mailbox, what goes out and what comes in.

A party uses this room to send a file and know that it arrived, and to take in each file exactly once.
The hub uses its documents and file names. It never looks inside the files it carries, and knows neither
routes nor records. Start reading in `documents.py` (what the XML says), then `outgoing.py` and
`incoming.py` (the two directions) and `participant.py` (the loop that a party runs).
"""
