using System.Globalization;
using Facility.Storage;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string Option(string name, string ifMissing) => Array.IndexOf(args, name) is >= 0 and var i && i + 1 < args.Length ? args[i + 1] : ifMissing;
int Number(string name, int ifMissing) => int.Parse(Option(name, $"{ifMissing}"), CultureInfo.InvariantCulture);

switch (args.FirstOrDefault())
{
    case "history":
        await History.MeasureAsync(Option("--influx", ""), Number("--years", 5), Number("--rooms", 7), Number("--queries", 40));
        return 0;
    case "restart":
        await Restart.MeasureAsync(Number("--events", 1_000_000), Number("--batch", 1));
        return 0;
    case "backlog":
        await Backlog.MeasureAsync(Option("--broker", "127.0.0.1:1883"), Number("--rate", 20), Number("--minutes", 60));
        return 0;
    default:
        await Console.Error.WriteLineAsync("""
            Measures what the server keeps. Start it with tests/benchmarks/storage/measure, which starts InfluxDB and mosquitto.
              history [--influx URL] [--years 5] [--rooms 7] [--queries 40]
                                                           five sites over years, then queries of the API: median and p95
              restart [--events 1000000] [--batch 1]               a journal of so many events, followed, killed, and started again
              backlog [--broker HOST:PORT] [--rate 20] [--minutes 60]  five sites that were away for an hour, events a second at each
            """);
        return 2;
}
