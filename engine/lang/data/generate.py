#!/usr/bin/env python3
"""Writes names.txt, regions.txt and errors.txt beside itself: what CloudTrail may name.

Knows botocore's models and the hand-written additions.txt; never looks at
CloudTrail records, at the network or at the clock, so the same input gives the
same bytes. Last run with botocore 1.44.5, 1.38.0, 1.34.0 and 1.29.0, by

    for v in 1.44.5 1.38.0 1.34.0 1.29.0; do
        pip install --no-deps --target /tmp/botocore/$v botocore==$v
    done
    python3 generate.py /tmp/botocore/1.44.5 /tmp/botocore/1.38.0 \
        /tmp/botocore/1.34.0 /tmp/botocore/1.29.0

The first is the one that counts; older ones add the services and operations
that AWS has retired since, which old archives still hold.

Formats: README.md.
"""

import gzip
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# botocore's directory -> names in eventSource, the usual one first. Only those
# for which "signing name, else endpoint prefix, in lower case" is wrong.
EVENT_SOURCES = {
    "application-autoscaling": ["application-autoscaling", "autoscaling"],
    "application-insights": ["application-insights"],
    "autoscaling-plans": ["autoscaling-plans", "autoscaling"],
    "cloudwatchomni": ["cloudwatch-omni"],
    "connectparticipant": ["connect"],
    "identitystore": ["identitystore", "sso-directory"],
    "marketplace-agreement": ["agreement-marketplace", "aws-marketplace"],
    "marketplace-catalog": ["marketplacecatalog", "aws-marketplace"],
    "marketplace-deployment": ["deployment-marketplace", "aws-marketplace"],
    "marketplace-discovery": ["discovery-marketplace", "aws-marketplace"],
    "marketplace-entitlement": ["entitlement-marketplace", "aws-marketplace"],
    "marketplace-reporting": ["reporting-marketplace", "aws-marketplace"],
    "meteringmarketplace": ["metering-marketplace", "aws-marketplace"],
    "mobile": ["mobilehub"],
    "mq": ["amazonmq"],
    "rds-data": ["rdsdataapi", "rds-data"],
    "servicecatalog-appregistry": ["servicecatalog-appregistry"],
    "sso": ["sso"],
    "sso-oidc": ["sso", "sso-oauth"],
}

SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*")
API = re.compile(r"[A-Z][A-Za-z0-9_]*")
ERROR = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
API_DATE = re.compile(
    r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:v\d+)?"
    r"|(?:19|20)\d\d_(?:0[1-9]|1[0-2])_(?:0[1-9]|[12]\d|3[01]))$"
)


def read_json(folder, name):
    """The JSON file `name` of `folder`, packed or not; None if there is none."""
    plain, packed = folder / name, folder / (name + ".gz")
    if plain.exists():
        return json.loads(plain.read_text(encoding="utf-8"))
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return None


def strip_date(api):
    """`api` without a trailing API date: UpdateFunctionCode20150331v2 -> UpdateFunctionCode."""
    found = API_DATE.search(api)
    return api[: found.start()] if found and found.start() > 0 else api


def codes_within(tree):
    """Error codes that waiters and retry rules name: the text at `error` and `service_error_code`."""
    if isinstance(tree, dict):
        if tree.get("matcher") == "error" and isinstance(tree.get("expected"), str):
            yield tree["expected"]
        if isinstance(tree.get("service_error_code"), str):
            yield tree["service_error_code"]
        for child in tree.values():
            yield from codes_within(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from codes_within(child)


class Table:
    """What is known so far: APIs and other names by service, regions, error codes."""

    def __init__(self):
        self.apis, self.aliases, self.regions, self.errors = {}, {}, set(), set()

    def add_apis(self, service, apis):
        if not SERVICE.fullmatch(service):
            sys.exit(f"{service!r} cannot be a service")
        known = self.apis.setdefault(service, set())
        for api in map(strip_date, apis):
            if not API.fullmatch(api):
                sys.exit(f"{service}: {api!r} cannot be an API name")
            known.add(api)

    def add_errors(self, codes):
        self.errors.update(code for code in codes if ERROR.fullmatch(code))

    def add_model(self, directory, model):
        meta = model["metadata"]
        usual = (meta.get("signingName") or meta["endpointPrefix"]).lower()
        sources = EVENT_SOURCES.get(directory, [usual])
        for source in sources:
            self.add_apis(source, model["operations"])
        others = (directory, usual, meta["endpointPrefix"], meta.get("serviceId", ""))
        for other in others:
            alias = other.lower().replace(" ", "-")
            if SERVICE.fullmatch(alias) and "." not in alias:
                self.aliases.setdefault(alias, set()).add(sources[0])
        for name, shape in model["shapes"].items():
            if shape.get("exception"):
                self.add_errors([name, shape.get("error", {}).get("code") or name])

    def add_botocore(self, package):
        data = package / "botocore" / "data"
        for folder in sorted(path for path in data.iterdir() if path.is_dir()):
            for version in sorted(path for path in folder.iterdir() if path.is_dir()):
                model = read_json(version, "service-2.json")
                if model is not None:
                    self.add_model(folder.name, model)
                self.add_errors(codes_within(read_json(version, "waiters-2.json")))
        self.add_errors(codes_within(read_json(data, "_retry.json")))
        for name in ("endpoints.json", "partitions.json"):
            for partition in (read_json(data, name) or {"partitions": []})["partitions"]:
                self.regions.update(r for r in partition["regions"] if REGION.fullmatch(r))

    def add_by_hand(self, path):
        section = None
        for line in path.read_text(encoding="utf-8").splitlines():
            line = line.split("#")[0].strip()
            if line.startswith("["):
                section = line
            elif line and section == "[apis]":
                service, *apis = line.split()
                self.add_apis(service, apis)
            elif line and section == "[aliases]":
                service, *aliases = line.split()
                for alias in aliases:
                    self.aliases[alias] = {service}
            elif line and section == "[errors]":
                self.errors.update(line.split())
            elif line:
                sys.exit(f"{path}: a line outside a section: {line}")

    def names_text(self):
        aliases = {}
        for alias, services in self.aliases.items():
            if alias not in self.apis:
                aliases.setdefault(min(services), []).append(alias)
        for service in sorted(self.apis):
            yield " ".join([service, *sorted(aliases.get(service, []))])
            yield from sorted(self.apis[service])


def write(name, what, versions, lines):
    head = f"# {what}. Written by generate.py from botocore {', '.join(versions)}"
    lines = [f"{head} (Apache-2.0, names only) and additions.txt.", *lines]
    (HERE / name).write_bytes(("\n".join(lines) + "\n").encode("ascii"))


def main(packages):
    if not packages:
        sys.exit(__doc__)
    table = Table()
    versions = []
    for package in map(Path, packages):
        table.add_botocore(package)
        source = (package / "botocore" / "__init__.py").read_text(encoding="utf-8")
        versions.append(re.search(r"__version__ = '([^']+)'", source).group(1))
    table.add_by_hand(HERE / "additions.txt")
    write("names.txt", "AWS services and their APIs", versions, table.names_text())
    write("regions.txt", "AWS regions", versions, sorted(table.regions))
    write("errors.txt", "AWS error codes", versions, sorted(table.errors))


main(sys.argv[1:])
