using System.Threading.Channels;

namespace Facility.Edge.Pipeline;

/// <summary>Something happened since it was last cleared; how often does not matter.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task<bool>? _waiting;

    public void Set() => _channel.Writer.TryWrite(true);

    public bool Clear() => _channel.Reader.TryRead(out _);

    /// <summary>One waiter at a time.</summary>
    public Task WaitAsync() => _waiting = _waiting is { IsCompleted: false } ? _waiting : _channel.Reader.WaitToReadAsync().AsTask();
}
