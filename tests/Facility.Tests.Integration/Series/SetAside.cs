using Facility.Server.Adapters;

namespace Facility.Tests.Integration.Series;

/// <summary>Remembers what was set aside.</summary>
internal sealed class SetAside : IUnwritable
{
    public List<(string Point, string Reason)> Points { get; } = [];

    public long Count => Points.Count;

    void IUnwritable.SetAside(string point, string reason) => Points.Add((point, reason));
}
