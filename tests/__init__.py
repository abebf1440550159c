"""The tests, in rooms like those they test."""
