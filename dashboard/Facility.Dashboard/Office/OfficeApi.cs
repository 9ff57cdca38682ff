using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Facility.Contracts;
using Facility.Contracts.Rest;

namespace Facility.Dashboard.Office;

/// <summary>An answer of the server, or what it said is wrong.</summary>
/// <param name="Problem">For a person; null where all is well.</param>
/// <param name="Status">0 where the server was not reached.</param>
public sealed record Answer<T>(T? Value, string? Problem, int Status, IReadOnlyList<ConfigurationProblem> Problems)
    where T : class;

/// <summary>The API as the office's pages call it: an answer each time, and no exception.</summary>
public sealed class OfficeApi(HttpClient http)
{
    public Task<Answer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/json");
        return AskAsync(request, type);
    }

    public Task<Answer<T>> SendAsync<TBody, T>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type)
        where T : class =>
        AskAsync(new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, bodyType) }, type);

    /// <summary>A call without a body, whose answer does not matter.</summary>
    public Task<Answer<object>> CallAsync(HttpMethod method, string path) => AskAsync<object>(new HttpRequestMessage(method, path), null);

    private async Task<Answer<T>> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T>? type)
        where T : class
    {
        using (request)
        {
            try
            {
                using var answer = await http.SendAsync(request);
                if (answer.IsSuccessStatusCode)
                {
                    var value = type is null || answer.StatusCode == System.Net.HttpStatusCode.NoContent ? null : await answer.Content.ReadFromJsonAsync(type);
                    return new Answer<T>(value, null, (int)answer.StatusCode, []);
                }

                var (detail, problems) = await ProblemAsync(answer);
                return new Answer<T>(null, detail, (int)answer.StatusCode, problems);
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException or NotSupportedException)
            {
                return new Answer<T>(null, OfficeWords.O("NotReached"), 0, []);
            }
        }
    }

    private static async Task<(string Detail, IReadOnlyList<ConfigurationProblem> Problems)> ProblemAsync(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status is 401 or 403)
        {
            return (OfficeWords.O(status == 401 ? "SignInFirst" : "NotAllowed"), []);
        }

        try
        {
            var root = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
            var problems = root.TryGetProperty("problems", out var list) ? list.Deserialize(ApiJson.Default.ConfigurationProblemArray) ?? [] : [];
            return (root.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : $"{status}", problems);
        }
        catch (JsonException)
        {
            return ($"{status} {answer.ReasonPhrase}", []);
        }
    }
}
