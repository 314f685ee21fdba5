"""Patients who are like the one at hand in a part of what is known."""
