"""For authors of trials: what Hypothesis draws, and laws. Users import it from `solver.strategies`."""

try:
    import hypothesis  # noqa: F401
except ImportError:
    raise ImportError(
        "solver.strategies needs the package hypothesis: run pip install 'trialproof[testing]'"
    ) from None
