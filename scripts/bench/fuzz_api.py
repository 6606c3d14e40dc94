"""What scripts/fuzz-api runs."""
import argparse, os, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../Tests/EndToEnd"))
from apifuzz import Fuzzer  # noqa: E402
from fuzzlab import FuzzLab  # noqa: E402

words = argparse.ArgumentParser(prog="fuzz-api")
words.add_argument("--cases", type=int, default=10_000)
words.add_argument("--seed", type=int, default=int(time.time()))
words = words.parse_args()
lab = FuzzLab()
try:
    lab.start()
    began = time.monotonic()
    fuzzer = Fuzzer(lab.address, lab.key, lab.world, words.seed).run(words.cases)
    print(fuzzer.report())
    print(f"seed {words.seed}, {time.monotonic() - began:.0f} s")
finally:
    lab.stop()
sys.exit(0 if fuzzer.passed() else 1)
