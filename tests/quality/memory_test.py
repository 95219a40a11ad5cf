"""memory_test.py MATCH_CSV DATAGEN [--records N] [--slack-mib M] [--keep FOLDER]

The matcher's floor (matcher.h: 90 bytes a record and 512 MiB, all of the process included) is enough: it is given to the
matcher as its memory and to the kernel as RLIMIT_DATA, which refuses what is more, and the clusters are byte for byte
those of a run without limits. Less than the floor is refused.
"""
import argparse
import pathlib
import resource
import subprocess
import sys
import tempfile

COLUMNS = ["id=id", "first_name=first_name", "last_name=last_name", "birth_date=dob", "email=email", "phone=phone",
           "street=street", "city=city", "state=state", "zip=zip"]
PER_RECORD, BASE_MIB = 90, 512


def match(tool, people, out, mib, limit_mib):
    def limit():
        if limit_mib:
            resource.setrlimit(resource.RLIMIT_DATA, (limit_mib << 20, limit_mib << 20))

    memory = ["--memory-mib", str(mib)] if mib else []
    done = subprocess.run([tool, people, out, "--threads", "2", *memory, *COLUMNS], preexec_fn=limit,
                          stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


def run(args, folder):
    people = folder / "people.csv"
    if not people.exists():
        subprocess.run([args.datagen, "--records", str(args.records), "--csv", people, "--seed", "5"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    floor = (args.records * PER_RECORD >> 20) + BASE_MIB + 1
    code, said = match(args.match_csv, people, folder / "less.csv", floor - 2, 0)
    assert code != 0 and "--memory" in said, f"less than the floor was not refused: {code} {said}"
    code, said = match(args.match_csv, people, folder / "floor.csv", floor, floor + args.slack_mib)
    assert code == 0, f"{floor} MiB are the floor, and are not enough: {said}"
    code, said = match(args.match_csv, people, folder / "free.csv", 0, 0)
    assert code == 0, said
    subprocess.run(["cmp", folder / "floor.csv", folder / "free.csv"], check=True)
    print(f"{args.records} records within {floor} MiB: the same clusters")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("match_csv")
    parser.add_argument("datagen")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--slack-mib", type=int, default=0, help="beyond the floor, to find out by how much it fails")
    parser.add_argument("--keep", type=pathlib.Path, help="folder of the data instead of one that goes")
    args = parser.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
        return run(args, args.keep)
    with tempfile.TemporaryDirectory(prefix="migrate-memory-") as folder:
        return run(args, pathlib.Path(folder))


if __name__ == "__main__":
    sys.exit(main())
