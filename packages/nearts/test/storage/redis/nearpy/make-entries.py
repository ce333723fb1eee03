"""Entries as NearPy's RedisStorage writes them, pickled in protocols 0 to 5, one JSON object a line: run with each NumPy to be read.

    python3 make-entries.py > entries-numpy-$(python3 -c 'import numpy; print(numpy.__version__.split(".")[0])').jsonl
"""
import base64
import json
import pickle

import numpy


def dense(vector, data=None):
    entry = {"vector": vector.tobytes(), "dtype": vector.dtype.name}
    if data is not None:
        entry["data"] = data
    return entry, vector.astype("float64").tolist()


def sparse(dim, pairs, dtype, data=None):
    values = numpy.array([value for _, value in pairs], dtype=dtype)
    entry = {"sparse": 1, "nonzeros": [[int(index), values[i]] for i, (index, _) in enumerate(pairs)], "dim": dim, "dtype": dtype}
    if data is not None:
        entry["data"] = data
    return entry, {"dim": dim, "pairs": [[index, float(values[i])] for i, (index, _) in enumerate(pairs)]}


ramp = numpy.arange(-3, 4) / 4
shared = ["one", "two"]
cases = {
    "float64": (dense(ramp, "data_7"), "data_7"),
    "float32": (dense(ramp.astype("float32"), ["one", "two", "three"]), ["one", "two", "three"]),
    "float16 without data": (dense(ramp.astype("float16")), None),
    "int64": (dense(numpy.array([1, -2, 3]), 0), 0),
    "uint8": (dense(numpy.array([0, 200, 255], dtype="uint8"), False), False),
    "bool": (dense(numpy.array([True, False]), ""), ""),
    "nested data": (dense(ramp, {"a": [1, 2.5, None, True, {"b": "\u00fc\u2603\U0001f600\n\\"}], "7": -(2**40)}), {"a": [1, 2.5, None, True, {"b": "\u00fc\u2603\U0001f600\n\\"}], "7": -(2**40)}),
    "tuples and shared parts": (dense(ramp, (shared, shared, (), ((1,), (1, 2), (1, 2, 3, 4)))), [["one", "two"], ["one", "two"], [], [[1], [1, 2], [1, 2, 3, 4]]]),
    "data of NumPy": (dense(ramp, [numpy.float32(0.5), numpy.int64(-7), numpy.arange(6, dtype=">i2").reshape(2, 3), numpy.array(["x"]).tolist()]), [0.5, -7, [[0, 1, 2], [3, 4, 5]], ["x"]]),
    "sparse": (sparse(1000, [(17, 0.5), (3, -2.0), (999, 1.25)], "float64", "sparse_1"), "sparse_1"),
    "sparse float32": (sparse(30, [(0, 0.1)], "float32"), None),
    "long text": (dense(ramp, "x" * 300), "x" * 300),
    "many items": (dense(ramp, list(range(300))), list(range(300))),
}
for name, ((entry, vector), data) in cases.items():
    for protocol in range(6):
        line = {"name": name, "protocol": protocol, "bytes": base64.b64encode(pickle.dumps(entry, protocol)).decode(), "vector": vector, "data": data}
        print(json.dumps(line))
