"""The account of a suite: what was checked, and what was not run."""


class NotRun(Exception):
    """A peer is missing; says which and why."""

    def __init__(self, why, refused=False):
        """`refused`: it truly cannot be had here, so that its absence is no failure."""
        super().__init__(why)
        self.refused = refused


class Report:
    """Counts the checks of one suite and prints those that fail, with what came and what was wanted."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def note(self, text):
        """A line for the reader: a version, a decision."""
        print(f"    {text}")

    def group(self, title):
        """What the next checks are about."""
        print(f"  {title}")

    def that(self, what, holds, found=""):
        """Checks that something holds."""
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"    FAILED {what}" + (f": {_short(found)}" if found != "" else ""))
        return bool(holds)

    def equal(self, what, found, wanted):
        """Checks that two values are equal."""
        return self.that(what, found == wanted, f"{_short(found)}, wanted {_short(wanted)}")

    def contains(self, what, found, part):
        """Checks that a text holds a part."""
        return self.that(what, part in found, f"no {part!r} in {_short(found)}")


def _short(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 600 else f"{text[:600]}… ({len(text)} characters)"
