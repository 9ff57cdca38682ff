using Facility.Dashboard.Live;

namespace Facility.Dashboard.Account;

/// <summary>Who looks at the page. Until the server has answered in this browser, it is the one for whom the page was drawn or kept.</summary>
public sealed class Viewer(Session session, Answers answers)
{
    public string? Name => session.Name;

    /// <param name="right">Such as <c>see-incidents</c>.</param>
    public bool May(string right) => session.State is { } state ? state.Rights.Contains(right) : answers.Rights.Contains(right);

    /// <summary>Asks the server, and notes its answer for the next time that it cannot be asked.</summary>
    public async Task LoadAsync()
    {
        await session.LoadAsync();
        answers.Rights = session.State?.Rights ?? answers.Rights;
    }
}
