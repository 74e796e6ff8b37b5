"""`make lighthouse`: the shelf, a book and the cart as Lighthouse sees them on a slow phone (its mobile preset,
simulated). Prints the scores, the median of three runs, and ends with 1 where one is not 100. Reports are left in
build/lighthouse.

The shop is a fresh one with its sandbox, as `make run` starts it. Performance is measured, so let the machine do
nothing else meanwhile: a busy one takes up to twenty points."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from tools.screenshots import ROOT, running_shop

OUT = ROOT / "build/lighthouse"
PAGES = {"shelf": "/", "book": "/books/flatland", "cart": "/cart"}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
UNINDEXED = (("cart", "seo"),)  # it asks to be left out, and Lighthouse takes points for that
RUNS = 3


def main() -> int:
    below = []
    with running_shop() as port:
        shop = f"http://127.0.0.1:{port}"
        cookie = visitor_with_a_book(shop)
        for name, path in PAGES.items():
            reports = [measure(f"{shop}{path}", cookie, OUT / f"{name}-{run}") for run in range(1, RUNS + 1)]
            for category in (each for each in CATEGORIES if (name, each) not in UNINDEXED):
                scores = [round(100 * report["categories"][category]["score"]) for report in reports]
                print(f"{name:6} {category:15} {median(scores):3}  of {scores}", flush=True)
                if median(scores) < 100:
                    below.append((name, category))
                    print(*failures(reports[-1], category), sep="\n", flush=True)
    return 1 if below else 0


def visitor_with_a_book(shop: str) -> str:
    """The cookie of a visitor whose cart is not empty."""
    with httpx.Client() as visitor:
        visitor.post(f"{shop}/cart/items", data={"book": "flatland"})
        return "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())


def measure(url: str, cookie: str, report: Path) -> dict[str, Any]:
    """One run, with a browser of its own."""
    browser = os.environ.get("SHOP_BROWSER") or (ROOT / ".venv/browser.ok").read_text().strip()
    command = [OUT / "node_modules/.bin/lighthouse", url, "--quiet", f"--output-path={report}"]
    command += ["--output=json", "--output=html", f"--only-categories={','.join(CATEGORIES)}"]
    command += [
        "--chrome-flags=--headless=new --no-sandbox",
        f"--extra-headers={json.dumps({'Cookie': cookie})}",
    ]
    subprocess.run(command, env={**os.environ, "CHROME_PATH": browser}, check=True, timeout=180)
    found: dict[str, Any] = json.loads(report.with_name(f"{report.name}.report.json").read_text())
    return found


def failures(report: dict[str, Any], category: str) -> list[str]:
    """What cost points, in Lighthouse's words."""
    weighed = [ref["id"] for ref in report["categories"][category]["auditRefs"] if ref["weight"]]
    audits = [report["audits"][name] for name in weighed]
    return [
        f"         {audit['title']}: {audit['score']} {audit.get('displayValue', '')}"
        for audit in audits
        if audit["score"] is not None and audit["score"] < 1
    ]


if __name__ == "__main__":
    sys.exit(main())
