"""The one command, `sf2530`.

It only puts the parties' own commands together, chooses the language, and turns an error into what,
where, what to do and an exit status. It decides nothing. Start reading in `main.py`.
"""
