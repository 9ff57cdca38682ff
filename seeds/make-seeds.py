#!/usr/bin/env python3
"""Makes sites.json, edge/*.json and day.csv beside it; the same output every time. The data is committed: this says where it came from."""
import csv
import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent
SITES = [  # id, name, address, visitors on the recorded day, how many of the activities below it holds
    ("batau", "Buurtplein Batau", "Dukatenburg", 95, 6),
    ("doorslag", "Buurtplein Doorslag", "Parelduiker", 70, 5),
    ("galecop", "Buurtplein Galecop", "Thorbeckepark", 90, 6),
    ("ratelaar", "Buurtplein Zuid", "Ratelaar", 120, 7),
    ("componist", "Buurtplein Zuilenstein", "De Componist", 105, 7),
]
ZONES = [
    ("hall", "Hal", 100, False), ("meeting", "Grote zaal", 100, False), ("kitchen", "Keuken", 20, False),
    ("nook", "Zithoek", 8, False), ("consult-1", "Spreekkamer 1", 4, True), ("consult-2", "Spreekkamer 2", 4, True),
    ("desk", "Infobalie en leeshoek", 30, False),
]
# Corners in metres: the hall goes on as a corridor. Some buildings are the others' mirror image.
PLANS = {
    "hall": "9,0 17,0 17,5.5 30,5.5 30,7.5 17,7.5 17,14 9,14", "meeting": "0,0 9,0 9,9 0,9", "kitchen": "0,9 9,9 9,14 0,14",
    "desk": "17,0 30,0 30,5.5 17,5.5", "consult-1": "17,7.5 21.5,7.5 21.5,14 17,14", "consult-2": "21.5,7.5 26,7.5 26,14 21.5,14",
    "nook": "26,7.5 30,7.5 30,14 26,14",
}
MIRRORED = ("doorslag", "componist")
INNER = ["meeting", "kitchen", "nook", "consult-1", "consult-2", "desk"]
# BCM 2 and 3 stay free for I2C (the hall's thermometer), 4 for 1-wire (the cabinet's).
BEAMS = {"main-door": [17, 27], "meeting-door": [23, 24], "kitchen-door": [25, 8], "nook-door": [7, 12],
         "consult-1-door": [16, 20], "consult-2-door": [21, 26], "desk-door": [19, 13]}
PINS = {"hall-pir": 22, "consult-1": 10, "consult-2": 9, "aed-door": 5, "aed-present": 6, "aed-tamper": 11,
        "help-button": 18, "fire-panel": 14}
KINDS = {"aed-door": "contact", "aed-present": "present", "aed-tamper": "tamper", "help-button": "button", "fire-panel": "alarm"}
FILES = {"aed-temp": "/sys/bus/w1/devices/28-*/temperature", "hall-temp": "/sys/bus/iio/devices/iio:device0/in_temp_input"}
ACTIVITIES = [  # from, to, room, persons: coffee morning, cooking, lunch, language practice, children's club, cards, yoga
    (10.0, 11.75, "meeting", 22), (10.5, 12.25, "kitchen", 9), (12.25, 13.5, "meeting", 30), (13.5, 15.0, "desk", 9),
    (15.0, 16.5, "meeting", 18), (19.25, 22.25, "meeting", 24), (17.5, 19.0, "kitchen", 8),
]


def zone_of(sensor):
    return sensor if sensor.startswith("consult") else "desk" if sensor == "help-button" else "hall"


def plan(ident, zone):
    corners = [tuple(map(float, corner.split(","))) for corner in PLANS[zone].split()]
    return " ".join(f"{30 - x if ident in MIRRORED else x:g},{y:g}" for x, y in corners)


def site(ident, name, address):
    sensors = [{"id": s, "device": f"{ident}-01", "kind": "passage"} for s in BEAMS]
    sensors += [{"id": s, "device": f"{ident}-01", "kind": KINDS.get(s, "presence"), "zone": zone_of(s)} for s in PINS]
    sensors += [{"id": s, "device": f"{ident}-01", "kind": "temperature", "zone": "hall"} for s in FILES]
    return {
        "id": ident, "name": name, "address": address, "timeZone": "Europe/Amsterdam", "capacity": 250,
        "openingHours": {d: ["09:00-23:00"] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
        "closedOn": ["2026-12-25", "2027-01-01"],
        "zones": [{"id": i, "name": n, "capacity": c, "private": p, "plan": plan(ident, i)} for i, n, c, p in ZONES],
        "portals": [{"id": "main", "sensor": "main-door", "from": "outside", "to": "hall"}]
        + [{"id": z, "sensor": f"{z}-door", "from": "hall", "to": z} for z in INNER],
        "sensors": sensors,
        "cabinets": [{"id": "aed", "zone": "hall", "door": "aed-door", "present": "aed-present", "tamper": "aed-tamper",
                      "temperature": "aed-temp", "minCelsius": 5, "maxCelsius": 40, "padsExpire": "2027-06-30",
                      "batteryExpires": "2028-01-31"}],
    }


def edge(ident):
    sensors = [{"id": s, "kind": "passage", "beams": pins} for s, pins in BEAMS.items()]
    for s, pin in PINS.items():
        kind = KINDS.get(s, "presence")
        sensors.append({"id": s, "kind": kind, "pin": pin} | ({"holdSeconds": 60} if kind == "presence" else {}))
    sensors += [{"id": s, "kind": "temperature", "file": f} for s, f in FILES.items()]
    return {"site": ident, "device": f"{ident}-01", "broker": {"url": "mqtt://localhost:1883"}, "data": f"data/edge/{ident}-01",
            "gpio": {"driver": "kernel", "chip": "gpiochip0"}, "sensors": sensors}


class Day:
    """One site's day. Persons walk one by one; a door passes one person in two seconds."""

    def __init__(self, ident, seed):
        self.ident, self.random, self.rows, self.used, self.moves = ident, random.Random(seed), [], set(), []

    def pass_door(self, at, sensor, value):
        at = int(at)
        while any((sensor, at + d) in self.used for d in (-1, 0, 1)):
            at += 1
        self.used.add((sensor, at))
        self.rows.append((at, sensor, value))
        self.moves.append((at, sensor, value))
        return at

    def walk(self, arrive, stays):
        """stays: (from, to, room) in order; between them the person is in the hall."""
        r = self.random
        at = self.pass_door(arrive, "main-door", 1)
        for start, end, room in stays:
            at = self.pass_door(max(at + r.randint(8, 40), start), f"{room}-door", 1)
            at = self.pass_door(max(at + 60, end), f"{room}-door", -1)
        self.pass_door(at + r.randint(8, 240), "main-door", -1)

    def activity(self, start, end, room, persons):
        r = self.random
        for _ in range(persons):
            begin = start * 3600 + r.gauss(-120, 300)
            stop = end * 3600 + abs(r.gauss(60, 240))
            stays = [(begin, stop, room)]
            if r.random() < 0.15:  # to the kitchen or the desk for a moment
                middle = r.uniform(begin + 900, max(begin + 1000, stop - 1200))
                other = "kitchen" if room != "kitchen" else "desk"
                stays = [(begin, middle, room), (middle, middle + r.uniform(120, 400), other), (0, stop, room)]
            self.walk(begin - r.uniform(15, 500), stays)

    def visitors(self, count):
        r = self.random
        for _ in range(count):
            arrive = r.choices([9.3, 10.2, 11.2, 13.3, 14.3, 15.3, 16.3, 17.4, 19.2, 20.4], [2, 5, 5, 4, 6, 6, 4, 2, 4, 2])[0]
            at = (arrive + r.uniform(-0.25, 0.6)) * 3600
            stays, t = [], at + r.uniform(30, 300)
            for room in r.sample(["desk", "nook", "desk", "meeting"], r.choice([0, 1, 1, 2])):
                stays.append((t, t + r.uniform(300, 2400), room))
                t += r.uniform(2500, 3000)
            if not stays:
                stays = [(at + 60, at + r.uniform(180, 1200), "desk")]
            self.walk(at, stays)

    def appointments(self):
        r = self.random
        for room, hours in (("consult-1", [(9.6, 12.3), (13.4, 16.6)]), ("consult-2", [(10.1, 12.4), (18.5, 20.5)])):
            for start, end in hours:
                self.walk(start * 3600 - 300, [(start * 3600, end * 3600, room)])  # the coach
                t = start * 3600 + 600
                while t + 2400 < end * 3600:
                    for _ in range(r.choice([1, 1, 2])):
                        self.walk(t - r.uniform(60, 400), [(t, t + 1700, room)])
                    t += 2700

    def levels(self):
        """Presence by who is in a room; a gap under a minute is none, as the sensor's hold would have it."""
        rooms = {"hall": "hall-pir", "consult-1": "consult-1", "consult-2": "consult-2"}
        inside, spans = dict.fromkeys([z[0] for z in ZONES], 0), {z: [] for z in rooms}
        for at, sensor, value in sorted(self.moves, key=lambda m: (m[0], -m[2])):
            room = sensor.removesuffix("-door")
            for zone, change in ((("hall", value),) if room == "main" else (("hall", -value), (room, value))):
                before, inside[zone] = inside[zone], inside[zone] + change
                if zone in rooms and before == 0 and inside[zone] > 0:
                    if spans[zone] and at - spans[zone][-1][1] < 60:
                        spans[zone][-1][1] = None
                    else:
                        spans[zone].append([at, None])
                elif zone in rooms and before > 0 and inside[zone] == 0:
                    spans[zone][-1][1] = at
        assert not any(inside.values()), inside
        for zone, found in spans.items():
            for start, end in found:
                self.rows += [(start, rooms[zone], 1), (end, rooms[zone], 0)]

    def climate(self):
        r = self.random
        for at in range(0, 86400, 900):
            warm = 0 if at < 7 * 3600 or at > 23 * 3600 else 1
            self.rows.append((at + r.randint(0, 59), "hall-temp", round(18.2 + 2.4 * warm + r.gauss(0, 0.15), 1)))
            self.rows.append((at + r.randint(0, 59), "aed-temp", round(18.9 + 1.6 * warm + r.gauss(0, 0.1), 1)))


def record(ident, count, activities, seed):
    day = Day(ident, seed)
    day.walk(2.5 * 3600 + seed * 240, [(0, 2.5 * 3600 + seed * 240 + 200, "meeting"), (0, 0, "kitchen")])  # the night round
    for start in (6.1, 6.2):  # two cleaners
        s = start * 3600
        day.walk(s, [(s + 600, s + 1500, "meeting"), (s + 1500, s + 2100, "kitchen"), (s + 2100, s + 2400, "consult-1"),
                     (s + 2400, s + 2700, "consult-2"), (s + 2700, s + 3600, "desk")])
    for start, end in ((8.7, 13.2), (8.75, 13.1), (13.0, 18.1), (12.9, 18.2), (18.0, 23.05), (17.9, 23.1)):  # hosts
        s, e = start * 3600, end * 3600
        day.walk(s, [(s + 240, (s + e) / 2, "desk"), ((s + e) / 2 + 60, (s + e) / 2 + 1500, "kitchen"), ((s + e) / 2 + 1700, e, "desk")])
    for activity in ACTIVITIES[:activities]:
        day.activity(*activity)
    day.visitors(count)
    day.appointments()
    day.levels()
    day.climate()
    check = 14 * 3600 + seed * 700
    day.rows += [(check, "aed-door", 1), (check + 35, "aed-door", 0)]
    if ident == "doorslag":
        day.rows += [(16 * 3600 + 1234, "help-button", 1), (16 * 3600 + 1237, "help-button", 0)]
    return day.rows


def main():
    (HERE / "edge").mkdir(exist_ok=True)
    write = lambda path, document: path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    write(HERE / "sites.json", {"sites": [site(*s[:3]) for s in SITES]})
    rows = []
    for seed, (ident, _, _, count, activities) in enumerate(SITES, 1):
        write(HERE / "edge" / f"{ident}.json", edge(ident))
        rows += [(at, ident, sensor, value) for at, sensor, value in record(ident, count, activities, seed)]
    # At one second: into a room before out of it, so that no count is ever below zero.
    rows.sort(key=lambda r: (r[0], r[1], -r[3], r[2]))
    assert max(r[0] for r in rows) < 86400
    with open(HERE / "day.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["time", "site", "sensor", "value"])
        out.writerows([f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}", s, sensor, value] for at, s, sensor, value in rows)


if __name__ == "__main__":
    main()
