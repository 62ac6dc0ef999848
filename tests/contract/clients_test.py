#!/usr/bin/env python3
"""Generates clients from the document, and runs the example in tests/contract/clients with each of them against a fresh
service: clients_test.py LANGUAGE DOCUMENT

The client is written to target/contract/clients/LANGUAGE. docs/API-DESIGN.md ("Clients") shows the same commands. The clients
of openapi-generator are made together by clients_test.py generate DOCUMENT, because its start takes longer than a client.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import service

HOME = service.ROOT / "target/contract"
EXAMPLES = service.ROOT / "tests/contract/clients"
MODULES = HOME / "node_modules"
# The programs of the Python environment that runs this script.
BIN = Path(sys.executable).parent

# The clients of openapi-generator: the folder, and the settings of the generator.
GENERATED = {
    "php": ("client", {"generatorName": "php"}),
    "python-urllib3": (".", {"generatorName": "python"}),
    "java": ("client", {"generatorName": "java", "library": "native", "additionalProperties": {"openApiNullable": False}}),
    "go": ("src/iku", {"generatorName": "go", "additionalProperties": {"packageName": "iku", "enumClassPrefix": True}}),
    "kotlin": (
        "client",
        {
            "generatorName": "kotlin",
            "additionalProperties": {"serializationLibrary": "kotlinx_serialization", "enumPropertyNaming": "UPPERCASE"},
        },
    ),
    "dart": ("client", {"generatorName": "dart"}),
}
GENERATOR = next((BIN.parent / "lib").glob("python*/site-packages/openapi_generator_cli/*.jar"), None)


def run(*command, **more):
    print("+", *command, flush=True)
    subprocess.run(command, check=True, **more)


def story(*command, records=("demo",), **more):
    """Runs an example against a fresh service with the demonstration's records, or without records.

    Before, the same example meets a service whose lists have another name. If it does not fail, it checks nothing.
    """
    with service.running(*records) as url:
        client, secret = service.system(url)
        given = {"IKU_ADMIN_PASSWORD": service.PASSWORD, "IKU_CLIENT_ID": client, "IKU_CLIENT_SECRET": secret}
        with service.breaking(url, '"items"', '"data"') as broken:
            environment = {**os.environ, **given, "IKU_URL": broken}
            done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, **more)
        if done.returncode == 0 or "signed in\n" not in done.stdout:
            raise SystemExit(f"the example did not notice the broken service:\n{done.stdout}{done.stderr}")
        run(*command, env={**environment, "IKU_URL": url}, **more)


def typescript(document, folder):
    run(MODULES / ".bin/openapi-typescript", document, "--default-non-nullable=false", "-o", folder / "schema.d.ts")
    run(MODULES / ".bin/tsc", "-p", folder)
    story("node", folder / "story.mjs", records=())


def python(document, folder):
    # The generator calls ruff.
    path = f"{BIN}:{os.environ['PATH']}"
    run(
        *(BIN / "openapi-python-client", "generate", "--path", document, "--config", folder / "config.yaml"),
        *("--meta", "none", "--output-path", folder / "iku_client", "--fail-on-warning"),
        env={**os.environ, "PATH": path},
    )
    # The generator does not report a name with two meanings (for example a schema called Client), but such a client fails.
    # For a body with several media types it forgets an import.
    forgotten = ("--per-file-ignores", "create_import.py:F821,replace_evidence.py:F821")
    run(BIN / "ruff", "check", "--quiet", "--isolated", "--select", "F811,F821", *forgotten, folder / "iku_client")
    # The generated code has types, but does not pass the strict check.
    run(BIN / "mypy", "--strict", "--follow-imports=silent", "--cache-dir", HOME / "mypy", "story.py", cwd=folder)
    story(sys.executable, "story.py", records=(), cwd=folder)


def hey_api(document, folder):
    run(MODULES / ".bin/openapi-ts", "--no-log-file", "--silent", "-i", document, "-o", folder / "client")
    bundled(folder)


def orval(document, folder):
    configuration = folder / "orval.config.mjs"
    run(MODULES / ".bin/orval", "--config", configuration, "--fail-on-warnings", env={**os.environ, "DOCUMENT": str(document)})
    bundled(folder)


def bundled(folder):
    run(MODULES / ".bin/tsc", "-p", folder)
    out = folder / "story.mjs"
    run(MODULES / ".bin/esbuild", folder / "story.ts", "--bundle", "--platform=node", "--format=esm", f"--outfile={out}")
    story("node", out)


def generate(document):
    """Makes all clients of openapi-generator in one run. Fails if one of them has a type that a program cannot use."""
    schemas = json.loads(document.read_text())["components"]["schemas"]
    # Go's client has a function NewReport, which makes a Report.
    GENERATED["go"][1]["modelNameMappings"] = {f"New{name}": f"{name}Input" for name in schemas if f"New{name}" in schemas}
    tasks = []

    def task(folder, document, client, settings):
        tasks.append(folder / f"{settings['generatorName']}.json")
        tasks[-1].write_text(json.dumps({**settings, "inputSpec": str(document), "outputDir": str(folder / client)}))

    for language, (client, settings) in GENERATED.items():
        task(prepared(language), document, client, settings)
    broken = prepared("broken")
    (broken / "openapi.json").write_text(json.dumps(BROKEN))
    for generator in TYPED:
        task(broken, broken / "openapi.json", generator, {"generatorName": generator})
    command = ["java", "-jar", GENERATOR, "batch", "--fail-fast", *tasks]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    # An error of the generator does not end it.
    if done.returncode or " ERROR " in done.stderr:
        raise SystemExit(done.stderr)

    faults = [fault for language in GENERATED for fault in unusable(HOME / "clients" / language / GENERATED[language][0])]
    for generator in TYPED:
        found = "\n".join(unusable(broken / generator))
        if "invented" not in found or "anything" not in found.lower():
            faults.append(f"{generator}: the faults of the broken document were not noticed: {found}")
    if faults:
        raise SystemExit("\n".join(faults))


TYPED = ["kotlin", "java", "dart"]
# A document with a schema that has no name and a value that has no type.
BROKEN = {
    "openapi": "3.1.0",
    "info": {"title": "broken", "version": "0.1.0"},
    "paths": {
        "/reports": {
            "get": {
                "operationId": "getReport",
                "responses": {
                    "200": {
                        "description": "x",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Report": {
                "type": "object",
                "properties": {
                    "anything": {},
                    "formula": {
                        "oneOf": [
                            {"type": "object", "required": ["section"], "properties": {"section": {"type": "string"}}},
                            {"type": "object", "required": ["group"], "properties": {"group": {"type": "string"}}},
                        ]
                    },
                },
            }
        }
    },
}
# A value without a type, as Kotlin, Java and Dart write it. GET /openapi.json has no schema for its body. `equals` of an
# enumeration takes any value.
ANYTHING = {
    ".kt": r"^ +va[lr] \w+: .*\bkotlin\.Any\b|^ +fun \w+\(.*\) : kotlin\.Any\b",
    ".java": r"^  public (\w+<)*Object>* \w+\(",
    ".dart": r"^  (\w+<)*Object>*\?? \w+;",
}


def unusable(client):
    """Yields the names that the generator invented, and the values without a type."""
    for file in sorted(client.rglob("*")):
        if not {"model", "models", "api", "apis"} & {part.lower() for part in file.relative_to(client).parts}:
            continue
        # A union becomes one class with the members of all. A schema within another gets a name that the next change moves.
        if re.search(r"(any_?of|one_?of|all_?of|inline|type_?\d|\d{3}_?response)", file.stem, re.IGNORECASE):
            yield f"{file.name}: the generator invented this name"
        if file.suffix in ANYTHING:
            for line in file.read_text().splitlines():
                if re.search(ANYTHING[file.suffix], line) and "getContract" not in line:
                    yield f"{file.name}: {line.strip()}"


def php(document, folder):
    story("php", folder / "story.php")


def java(document, folder):
    sources = [*sorted((folder / "client/src/main/java").rglob("*.java")), folder / "Story.java"]
    (folder / "sources").write_text("\n".join(map(str, sources)))
    # The client needs Jackson and the annotations of JSR 305, which are in the jar of the generator, and two of Debian's jars.
    classpath = f"{GENERATOR}:/usr/share/java/geronimo-annotation-1.3-spec.jar:/usr/share/java/httpmime.jar"
    run("javac", "-nowarn", "-proc:none", "-cp", classpath, "-d", folder / "classes", f"@{folder / 'sources'}")
    story("java", "-cp", f"{folder / 'classes'}:{classpath}", "Story")


def go(document, folder):
    """The client needs golang.org/x/oauth2, which Debian has as sources, so it is built without modules."""
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": f"{folder}:/usr/share/gocode", "GOCACHE": str(HOME / "go")}
    run(BIN / "go", "vet", "iku", cwd=folder, env=environment)
    run(BIN / "go", "vet", "story.go", cwd=folder, env=environment)
    run(BIN / "go", "build", "-o", "story", "story.go", cwd=folder, env=environment)
    story(folder / "story")


def python_urllib3(document, folder):
    story(sys.executable, folder / "story.py")


def dart(document, folder):
    """Dart's compiler is in no registry that the gates use, so the client is only parsed."""
    import tree_sitter
    import tree_sitter_dart

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_dart.language()))
    files = sorted((folder / "client/lib").rglob("*.dart"))
    faults = [str(file) for file in files if parser.parse(file.read_bytes()).root_node.has_error]
    if not files or not parser.parse(b"class Report { int 3x; }").root_node.has_error:
        faults.append("the parser finds no faults")
    if faults:
        raise SystemExit("\n".join(faults))


def prepared(language):
    """Returns the folder of a language with nothing but the example in it."""
    folder = HOME / "clients" / language
    shutil.rmtree(folder, ignore_errors=True)
    if (EXAMPLES / language).exists():
        shutil.copytree(EXAMPLES / language, folder)
    else:
        folder.mkdir(parents=True)
    return folder


def main():
    language, document = sys.argv[1], Path(sys.argv[2]).resolve()
    try:
        if language == "generate":
            generate(document)
        else:
            folder = HOME / "clients" / language if language in GENERATED else prepared(language)
            globals()[language.replace("-", "_")](document, folder)
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"{failed.cmd[0]} ended with {failed.returncode}") from None


if __name__ == "__main__":
    main()
