using System.CommandLine;
using System.Text.Json;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Server.Places;
using Facility.Server.Ports;

namespace Facility.Server.Commands;

/// <summary>The journal of a server that is not running, as these commands need it.</summary>
/// <param name="NewestSites">The revision that rules; null where there is none yet.</param>
public sealed record SitesJournal(IJournalWriter Writer, SitesDocument? NewestSites, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}

/// <summary><c>facility-server sites import|export</c>: a revision of the sites into the journal, and the one that rules out of it.</summary>
public static class SitesCommand
{
    private const int BadInput = 2;

    /// <param name="open">Opens the journal in a data folder, made when missing if that is true; the server that uses it must be stopped.</param>
    public static Command Create(Func<string, bool, SitesJournal> open)
    {
        var data = new Option<string>("--data") { DefaultValueFactory = _ => "data", Description = "The server's data folder; stop the server first" };
        var file = new Argument<string>("file") { Description = "The sites file" };
        var import = new Command("import", "Checks a sites file and makes it the ruling revision") { file, data };
        import.SetAction(parsed => WithJournal(d => open(d, true), parsed.GetValue(data)!, j => Import(parsed.GetValue(file)!, j.Writer, Console.Out, Console.Error)));
        var export = new Command("export", "Writes the ruling revision to a file, or to standard output with -") { file, data };
        export.SetAction(parsed => WithJournal(d => open(d, false), parsed.GetValue(data)!, j => Export(parsed.GetValue(file)!, j.NewestSites, Console.Out, Console.Error)));
        return new Command("sites", "Imports or exports the sites") { import, export };
    }

    public static int Import(string path, IJournalWriter writer, TextWriter output, TextWriter errors)
    {
        try
        {
            var loaded = SitesFile.Load(path);
            foreach (var warning in loaded.Warnings)
            {
                errors.WriteLine("warning: " + warning);
            }

            writer.Append(writer.Begin(), "", "", new SitesRevised(loaded.Document));
            writer.Commit();
            output.WriteLine($"{loaded.Document.Sites.Count} sites imported; they rule from the server's next start");
            return 0;
        }
        catch (SitesFileException e)
        {
            errors.WriteLine(e.Message);
            return BadInput;
        }
    }

    public static int Export(string path, SitesDocument? sites, TextWriter output, TextWriter errors)
    {
        if (sites is null)
        {
            errors.WriteLine("there is no revision of the sites yet: the server makes one at its first start");
            return BadInput;
        }

        var json = JsonSerializer.Serialize(sites, PrettyJson.Default.SitesDocument) + "\n";
        try
        {
            if (path == "-")
            {
                output.Write(json);
            }
            else
            {
                File.WriteAllText(path, json);
            }

            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{path} cannot be written: {e.Message}");
            return BadInput;
        }
    }

    private static int WithJournal(Func<string, SitesJournal> open, string data, Func<SitesJournal, int> act)
    {
        try
        {
            using var journal = open(data);
            return act(journal);
        }
        catch (Exception e) when (e is JournalUnavailableException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"the journal in {data} cannot be used: {e.Message}");
            return BadInput;
        }
    }
}
