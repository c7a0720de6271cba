"""Runs named checks for each provider and prints what became of them, for the test that started this process."""

import asyncio
import json
import sys
import traceback


async def run_checks(checks, rows):
    """checks: name -> coroutine function of one row. Prints {row: {check: None, or what failed}} as JSON."""

    async def outcome(check, row):
        try:
            await check(row)
            return None
        except Exception:
            return traceback.format_exc(limit=-3)

    async def outcomes(row):
        return {name: await outcome(check, row) for name, check in checks.items()}

    found = await asyncio.gather(*(outcomes(row) for row in rows))
    json.dump(dict(zip(rows, found)), sys.stdout)


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def holds(value, what):
    if not value:
        raise AssertionError(what)
