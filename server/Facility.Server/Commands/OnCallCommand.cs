using System.CommandLine;
using System.Text.Json;
using Facility.Contracts.OnCall;
using Facility.Domain.OnCall;
using Facility.Server.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.Commands;

/// <summary><c>facility-server on-call check|who|export|import</c>: the on-call file, its rosters to iCalendar and back.</summary>
public static class OnCallCommand
{
    private const int BadInput = 2;

    public static Command Create(Func<ChannelOptions, OnCallFile> channels, IRosterCalendar calendar, TimeProvider time)
    {
        var line = new ChannelCommandLine();
        OnCallFile File(ParseResult parsed) => channels(line.Read(parsed));
        var path = new Argument<string>("file") { Description = "The on-call file" };
        var roster = new Argument<string>("roster") { Description = "Id of the roster" };
        var ics = new Argument<string>("calendar") { Description = "The iCalendar file" };
        var days = new Option<int>("--days") { DefaultValueFactory = _ => 365, Description = "How far ahead, 1 to 1826" };
        var check = new Command("check", "Checks an on-call file and shows who is on call, and gaps in the coming year") { path };
        check.SetAction(parsed => Guarded(() => Check(File(parsed).Load(parsed.GetValue(path)!), time.GetUtcNow(), Console.Out)));
        var export = new Command("export", "Writes a roster from today on as iCalendar") { path, roster, ics, days };
        export.SetAction(parsed => Guarded(() => Export(
            File(parsed).Load(parsed.GetValue(path)!).Document, parsed.GetValue(roster)!, parsed.GetValue(ics)!, parsed.GetValue(days), calendar, time.GetUtcNow())));
        var import = new Command("import", "Takes the shifts of an iCalendar file as overrides of a roster; a running server reads the file again by itself") { path, roster, ics };
        import.SetAction(parsed => Guarded(() => Import(File(parsed), parsed.GetValue(path)!, parsed.GetValue(roster)!, parsed.GetValue(ics)!, calendar, Console.Out, Console.Error)));
        var command = new Command("on-call", "Checks who is on call, and exchanges rosters with calendars") { check, export, import };
        line.AddTo(command, recursive: true);
        return command;
    }

    private static int Check((OnCallDocument Document, IReadOnlyList<string> Warnings) loaded, DateTimeOffset now, TextWriter output)
    {
        foreach (var warning in loaded.Warnings)
        {
            output.WriteLine("warning: " + warning);
        }

        var escalation = new Escalation(loaded.Document);
        string Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, escalation.Zone).ToString("ddd yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        var gaps = 0;
        foreach (var roster in loaded.Document.Rosters)
        {
            var duties = escalation.RosterOf(roster.Id)!.Between(now, now.AddDays(365));
            output.WriteLine($"{roster.Id}: {(duties[0].Person is { } person ? escalation.Find(person)!.Name : "nobody")} until {Local(duties[0].Until)}");
            foreach (var gap in duties.Where(d => d.Person is null))
            {
                gaps++;
                output.WriteLine($"{roster.Id}: nobody from {Local(gap.From)} to {Local(gap.Until)}");
            }
        }

        output.WriteLine($"{loaded.Document.People.Count} people, {loaded.Document.Rosters.Count} rosters, {loaded.Document.Policies.Count} policies, {gaps} gaps within a year");
        return 0;
    }

    private static int Export(OnCallDocument document, string roster, string path, int days, IRosterCalendar calendar, DateTimeOffset now)
    {
        if (days is < 1 or > 1826)
        {
            throw new OnCallFileException($"--days {days} is not allowed: give 1 to 1826");
        }

        var escalation = new Escalation(document);
        var clock = escalation.RosterOf(roster) ?? throw Unknown(document, roster);
        File.WriteAllText(path, calendar.Write(roster, [.. clock.Between(now, now.AddDays(days)).Where(d => d.Person is not null)], id => escalation.Find(id)!.Name));
        return 0;
    }

    private static int Import(OnCallFile file, string path, string roster, string ics, IRosterCalendar calendar, TextWriter output, TextWriter errors)
    {
        var document = file.Load(path).Document;
        var old = document.Rosters.FirstOrDefault(r => r.Id == roster) ?? throw Unknown(document, roster);
        var (shifts, problems) = calendar.Read(File.ReadAllText(ics), document.People, new Escalation(document).Zone);
        if (problems.Count > 0)
        {
            throw new OnCallFileException($"{ics} is refused:{string.Concat(problems.Select(p => "\n  " + p))}");
        }

        var changed = document with
        {
            Rosters = [.. document.Rosters.Select(r => r == old ? old with { Overrides = [.. (old.Overrides ?? []).Except(shifts), .. shifts] } : r)],
        };
        var draft = path + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(changed, PrettyJson.Default.OnCallDocument) + "\n");
        try
        {
            file.Load(draft);
            File.Move(draft, path, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }

        output.WriteLine($"{shifts.Count} shifts taken as overrides of {roster}");
        return 0;
    }

    private static OnCallFileException Unknown(OnCallDocument document, string roster) =>
        new($"there is no roster {roster}; there are {string.Join(", ", document.Rosters.Select(r => r.Id))}");

    private static int Guarded(Func<int> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is OnCallFileException or FormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return BadInput;
        }
    }
}
