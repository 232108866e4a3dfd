"""The account of a suite: a line for each check."""


class NotRun(Exception):
    """A peer is missing; says which and why."""


class Report:
    """Counts the checks of one suite and prints each; of one that fails, what came and what was wanted."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.missing = []

    def note(self, text):
        """A line for the reader: a number, a decision."""
        print(f"      {text}", flush=True)

    def group(self, title):
        """What the next checks are about."""
        print(f"  {title}", flush=True)

    def not_run(self, why):
        """A part of the suite that a missing peer keeps from running."""
        self.missing.append(str(why))
        print(f"  NOT RUN: {why}", flush=True)

    def that(self, what, holds, found=""):
        """Checks that something holds."""
        if holds:
            self.passed += 1
            print(f"ok    {what}", flush=True)
        else:
            self.failed += 1
            print(f"FAIL  {what}" + (f"\n      {_short(found)}" if found != "" else ""), flush=True)
        return bool(holds)

    def equal(self, what, found, wanted):
        """Checks that two values are equal."""
        return self.that(what, found == wanted, f"came:   {_short(found)}\n      wanted: {_short(wanted)}")

    def contains(self, what, found, part):
        """Checks that a text holds a part."""
        return self.that(what, part in found, f"no {part!r} in: {_short(found)}")

    def raises_nothing(self, what, call):
        """Runs `call`; what it raises is a check that failed, and the next ones still run."""
        try:
            return call()
        except NotRun:
            raise
        except Exception as error:  # noqa: BLE001
            self.that(what, False, f"{type(error).__name__}: {error}")
            return None


def _short(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 1500 else f"{text[:1500]}… ({len(text)} characters)"
