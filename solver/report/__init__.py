"""Answers for people and programs: the terminal report and the JSON document."""
