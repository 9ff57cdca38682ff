namespace Facility.Server.Ports;

/// <summary>What keeps data can say how much it keeps, for <c>/metrics</c>. Safe for threads, and returns within milliseconds.</summary>
public interface IStoreSizes
{
    IEnumerable<StoreSize> Sizes();
}

/// <param name="Store">Its name, the label in the metrics.</param>
/// <param name="Bytes">On disk.</param>
/// <param name="Rows">Null where counting them would take long.</param>
public readonly record struct StoreSize(string Store, long Bytes, long? Rows);
