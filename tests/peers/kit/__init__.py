"""What the suites share: processes, raw HTTP, builds, and the account of what was checked."""
