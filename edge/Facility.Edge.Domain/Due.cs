namespace Facility.Edge.Domain;

/// <summary>When something falls due, on the monotonic clock; null is never.</summary>
public static class Due
{
    public static long? Earlier(long? a, long? b) => a is null || b < a ? b : a;
}
