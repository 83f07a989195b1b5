"""The same framework calls as a run makes, in a bare loop: what the suite's own cost is measured against.

    python bare_loop.py ENGINE ADAPTERS MODULE FILE REQUESTS

REQUESTS is a pickle of [(operation, implementation, {name: (dtype, array)}, parameters, order, wrt, cotangent)].
Prints the seconds that all of them take, imports and arrays on their way in not counted.
"""

import os
import pickle
import sys
import time
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main():
    engine, adapters, module, file, requests = sys.argv[1:6]
    sys.path.insert(0, os.path.join(engine, "worker"))
    import serve

    serve._lay_packages(engine, adapters)
    adapter = serve._module(module, file).adapter
    from conformance.worker.arrays import Array

    with open(requests, "rb") as stream:
        checks = pickle.load(stream)
    tensors = {}

    def tensor(key, packed):
        if key not in tensors:
            tensors[key] = adapter.put(Array(*packed))
        return tensors[key]

    ready = []
    for operation, implementation, inputs, parameters, order, wrt, cotangent, key in checks:
        row = adapter.table.rows[operation, implementation]
        given = {name: tensor((key, name), packed) for name, packed in inputs.items()}
        ready.append((row, given, parameters, order, wrt, cotangent and tensor((key, "cotangent"), cotangent)))

    spent = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row, given, parameters, order, wrt, cotangent in ready:
            began = time.perf_counter()
            try:
                if order == "value":
                    adapter.take(adapter.evaluate(row, given, parameters, "eager"))
                else:
                    for gradient in adapter.differentiate(row, given, parameters, "eager", wrt, cotangent).values():
                        adapter.take(gradient)
            except Exception:  # a refusal is an outcome like another, and costs what it costs
                pass
            spent += time.perf_counter() - began
    print(spent)


if __name__ == "__main__":
    main()
