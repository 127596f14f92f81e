"""What every party's commands print and understand alike: tables, JSON, options.

It knows nothing of any party. Start reading in `printing.py`.
"""
