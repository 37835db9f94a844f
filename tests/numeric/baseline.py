"""Write baseline.tsv: what the models of `zscore` give, computed with numpy.

Run it as `python3 tests/numeric/baseline.py > tests/numeric/baseline.tsv`. The
definitions are those of the language reference; nothing here is shared with the
engine or the reference engine. Columns: model, samples in order of time, value,
center, scale (at least its floor), score.
"""

import numpy as np

ALPHA = 0.1


def median_mad(samples):
    center = np.median(samples)
    return center, 1.4826 * np.median(np.abs(samples - center))


def mean_sd(samples):
    return np.mean(samples), np.std(samples, ddof=0)


def ewma(samples):
    """The closed form over the whole series, not the step by step one of the engine."""
    n = len(samples)
    weights = ALPHA * (1 - ALPHA) ** np.arange(n - 1, -1, -1.0)
    weights[0] = (1 - ALPHA) ** (n - 1)
    center = np.dot(weights, samples)
    return center, np.sqrt(np.dot(weights, (samples - center) ** 2))


def series():
    random = np.random.default_rng(20260101)
    yield [0.0] * 24
    yield [5.0]
    yield [1.0, 2.0]
    yield [3.0, 1.0, 2.0]
    yield [4.0, 1.0, 3.0, 2.0]
    yield [10.0, 10.0, 10.0, 1000.0]
    yield [-4.0, -2.0, 6.0]
    yield [0.25, 0.5, 0.75, 1.0, 0.0]
    yield [float(n) for n in range(24)]
    for size in (3, 4, 24, 25, 168):
        yield random.poisson(12, size).astype(float).tolist()
        yield random.poisson(0.3, size).astype(float).tolist()
        yield np.round(random.normal(100, 30, size), 6).tolist()
        yield np.round(random.lognormal(6, 2, size), 6).tolist()


def main():
    print("model", "samples", "value", "center", "scale", "score", sep="\t")
    for samples in series():
        array = np.array(samples)
        for name, model in (("median_mad", median_mad), ("mean_sd", mean_sd), ("ewma", ewma)):
            center, scale = model(array)
            scale = max(scale, np.sqrt(max(center, 0.0)), 1.0)
            for value in (0.0, float(np.max(array)) + 7.5):
                score = (value - center) / scale
                shown = [repr(float(x)) for x in (value, center, scale, score)]
                print(name, " ".join(repr(float(x)) for x in samples), *shown, sep="\t")


main()
