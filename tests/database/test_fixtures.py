from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import psycopg

from sf2530.language import Language, chosen


def test_each_test_gets_a_fresh_database(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        connection.close()
        return
    with psycopg.connect(database_url) as server:
        tables = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_texts_are_english_here_and_in_processes_started_by_a_test() -> None:
    assert chosen() is Language.ENGLISH
    assert os.environ["SF2530_LANGUAGE"] == "en"
    script = "from sf2530.language import chosen; print(chosen().value)"
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == "en"
