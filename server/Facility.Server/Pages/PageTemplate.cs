using System.Security.Cryptography;
using Microsoft.Extensions.FileProviders;

namespace Facility.Server.Pages;

/// <summary>The dashboard's <c>index.html</c>, with places for what the server draws.</summary>
internal sealed class PageTemplate
{
    private const string Html = "<html lang=\"nl\">";
    private const string Title = "<title>Buurtpleinen</title>";
    private const string App = "<div id=\"app\">";
    private readonly string _text;

    private PageTemplate(string text) => _text = text;

    /// <exception cref="InvalidDataException">It lacks a place.</exception>
    public static PageTemplate Read(IFileProvider files)
    {
        using var reader = new StreamReader(files.GetFileInfo("index.html").CreateReadStream());
        var text = reader.ReadToEnd();
        foreach (var place in (string[])[Html, Title, App])
        {
            if (!text.Contains(place, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"index.html of the dashboard has no {place}");
            }
        }

        return new PageTemplate(text);
    }

    /// <summary>Names a build of server and pages: another one is another name.</summary>
    public static string BuildOf(string manifest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(File.ReadAllBytes(manifest));
        hash.AppendData(typeof(PageTemplate).Module.ModuleVersionId.ToByteArray());
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    /// <param name="theme">dark or light, or null for the reader's device to decide.</param>
    /// <param name="page">Null for the page as it is: the browser draws it.</param>
    public string Fill(string language, string? theme, DrawnPage? page)
    {
        var text = _text.Replace(Html, $"<html lang=\"{language}\"{(theme is null ? "" : $" data-theme=\"{theme}\"")}>", StringComparison.Ordinal);
        if (page is null)
        {
            return text;
        }

        var start = text.IndexOf(App, StringComparison.Ordinal) + App.Length;
        var end = text.IndexOf("</div>", start, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, start), page.Body, "</div>\n  <script type=\"application/json\" id=\"known\">" + page.Known + "</script>", text.AsSpan(end + "</div>".Length))
            .Replace(Title, page.Head.Contains("<title>", StringComparison.Ordinal) ? page.Head : Title, StringComparison.Ordinal);
    }
}
