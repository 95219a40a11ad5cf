"""The catalogue of nasty inputs: see case.py for what an entry says, test_wild.py for how it is held against the tool."""
