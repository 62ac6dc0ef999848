"""Reads the document for the gates."""

import copy


def whole(document):
    """Returns the document with the shared responses and parameters in the operations themselves."""
    document = copy.deepcopy(document)
    shared = {kind: document["components"].pop(kind, {}) for kind in ("responses", "parameters")}

    def own(value):
        if "$ref" not in value:
            return value
        kind, name = value["$ref"].removeprefix("#/components/").split("/")
        return copy.deepcopy(shared[kind][name])

    for item in document["paths"].values():
        for operation in item.values():
            operation["responses"] = {status: own(response) for status, response in operation["responses"].items()}
            if "parameters" in operation:
                operation["parameters"] = [own(parameter) for parameter in operation["parameters"]]
    return document
