"""The version of Trialproof."""

__version__ = "0.1.0"
