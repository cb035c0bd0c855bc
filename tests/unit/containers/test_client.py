"""``containers/client``: what it changes in a Python of the user's, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ropeway import containers

CODE = Path(containers.__file__).parent / "client"
STS = "https://sts.eu-west-1.amazonaws.com"
ADDRESS = (
    "import botocore.session; s = botocore.session.get_session();"
    "print(s.create_client('sts', region_name='eu-west-1', endpoint_url={!r}).meta.endpoint_url)"
)


def python(program: str, *path: Path, **env: str) -> str:
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, path or (CODE,))), **env}
    done = subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_aws_addresses_give_way_to_the_endpoint() -> None:
    assert python(ADDRESS.format(STS), AWS_ENDPOINT_URL="http://127.0.0.1:1") == "http://127.0.0.1:1"


def test_aws_addresses_stay_when_no_endpoint_is_set() -> None:
    assert python(ADDRESS.format(STS)) == STS


def test_other_addresses_stay() -> None:
    own = "http://127.0.0.1:2"
    assert python(ADDRESS.format(own), AWS_ENDPOINT_URL="http://127.0.0.1:1") == own


def test_the_users_own_sitecustomize_runs_as_that_module(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("mark = 'mine'\n", encoding="utf-8")
    assert python("import sitecustomize; print(sitecustomize.mark)", CODE, tmp_path) == "mine"


def test_it_and_the_path_shim_run_each_other_once(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')\n", encoding="utf-8")
    shim = CODE.parent / "pathshim"
    assert python("", shim, CODE, tmp_path, ROPEWAY_ML=str(tmp_path)) == "mine"
    assert python("", CODE, shim, tmp_path, ROPEWAY_ML=str(tmp_path)) == "mine"


def test_the_sdk_gets_the_interpreter_at_hand_as_its_image(tmp_path: Path) -> None:
    general = tmp_path / "config.yaml"
    general.write_text("image: ropeway.local/python\n", encoding="utf-8")
    (tmp_path / "sagemaker").mkdir()
    (tmp_path / "sagemaker" / "__init__.py").touch()
    settings = {"ROPEWAY_SDK_CONFIG": str(general), "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(general)}
    show = "import sagemaker, os; print(open(os.environ['SAGEMAKER_ADMIN_CONFIG_OVERRIDE']).read())"
    expected = f"image: ropeway.local/interpreter{sys.executable}"
    assert python(show, CODE, tmp_path, **settings) == expected
    # A child of that process, too.
    again = f"import sagemaker, subprocess, sys; subprocess.run([sys.executable, '-c', {show!r}])"
    assert python(again, CODE, tmp_path, **settings) == expected


def test_settings_that_the_program_chose_stay(tmp_path: Path) -> None:
    general, own = tmp_path / "sdk" / "config.yaml", tmp_path / "own.yaml"
    general.parent.mkdir()
    general.write_text("image: ropeway.local/python\n", encoding="utf-8")
    (tmp_path / "sagemaker").mkdir()
    (tmp_path / "sagemaker" / "__init__.py").touch()
    settings = {"ROPEWAY_SDK_CONFIG": str(general), "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(own)}
    show = "import sagemaker, os; print(os.environ['SAGEMAKER_ADMIN_CONFIG_OVERRIDE'])"
    assert python(show, CODE, tmp_path, **settings) == str(own)


def test_the_sdks_schema_is_checked_once_and_others_each_time(tmp_path: Path) -> None:
    # A stand-in for the library: what is changed is that a check of one schema is not made twice.
    (tmp_path / "jsonschema").mkdir()
    (tmp_path / "jsonschema" / "__init__.py").touch()
    (tmp_path / "jsonschema" / "validators.py").write_text(
        "checks = []\n"
        "class Draft202012Validator:\n"
        "    @classmethod\n"
        "    def check_schema(cls, schema):\n"
        "        checks.append(schema['name'])\n",
        encoding="utf-8",
    )
    program = (
        "from jsonschema.validators import Draft202012Validator as V, checks\n"
        "sdk, other = {'name': 'sdk', 'properties': {'SchemaVersion': 1}}, {'name': 'other'}\n"
        "for schema in (sdk, other, sdk, other): V.check_schema(schema)\n"
        "V().check_schema({'name': 'new', 'properties': {'SchemaVersion': 1}})\n"
        "print(checks)"
    )
    assert python(program, CODE, tmp_path) == "['sdk', 'other', 'other', 'new']"
