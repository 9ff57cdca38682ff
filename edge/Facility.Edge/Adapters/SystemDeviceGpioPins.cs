using System.Device.Gpio;
using System.Device.Gpio.Drivers;
using System.Threading.Channels;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>
/// System.Device.Gpio over libgpiod 1, for boards whose kernel lacks the GPIO character device uapi v2. It gives no timestamps,
/// so an edge has the time of its callback, and it may miss edges of a fast burst: prefer <see cref="KernelGpioPins"/>.
/// </summary>
/// <param name="chip">A device (<c>gpiochip0</c>) or a label, as for <see cref="KernelGpioPins"/>.</param>
/// <remarks>
/// Callbacks cannot wait: an edge that finds the queue full is dropped and the next says so. The library's own choice of a driver
/// knows no chips, and is not safe for trimming; its driver for libgpiod 2 needs the very uapi that this is to do without.
/// </remarks>
internal sealed class SystemDeviceGpioPins(string chip, IEdgeClock clock) : IPins
{
    private readonly Channel<PinEdge> _edges = Channel.CreateBounded<PinEdge>(1024);
    private readonly Lock _lock = new();
    private GpioController? _controller;
    private IReadOnlyList<PinLine> _lines = [];
    private long _lost;

    public bool Debounces => false;

    public ChannelReader<PinEdge> Edges => _edges.Reader;

    public void Claim(IReadOnlyList<PinLine> lines)
    {
        _lines = lines;
        var pin = -1;
        try
        {
            _controller = new GpioController(OpenChip());
            for (var i = 0; i < lines.Count; i++)
            {
                pin = lines[i].Pin;
                var index = i;
                _controller.OpenPin(pin, lines[i].Pull switch
                {
                    Pull.Up => PinMode.InputPullUp,
                    Pull.Down => PinMode.InputPullDown,
                    _ => PinMode.Input,
                });
                _controller.RegisterCallbackForPinValueChangedEvent(
                    pin, PinEventTypes.Rising | PinEventTypes.Falling, (_, e) => Report(index, e.ChangeType == PinEventTypes.Rising));
            }
        }
        // A driver throws what it likes: a chip that may not be opened, a pin in use.
        catch (Exception e) when (e is not PinsException)
        {
            throw new PinsException($"System.Device.Gpio cannot claim {(pin < 0 ? "the chip" : $"pin {pin} of {chip}")}: {e.Message}", e);
        }
    }

    public bool[] ReadLevels() =>
        [.. _lines.Select(line => (_controller!.Read(line.Pin) == PinValue.High) != line.ActiveLow)];

    public void Dispose()
    {
        _controller?.Dispose();
        _edges.Writer.TryComplete();
    }

    private LibGpiodDriver OpenChip()
    {
        try
        {
            var chips = LibGpiodDriver.GetAvailableChips();
            return new LibGpiodDriver(chips.FirstOrDefault(found => found.Name == chip || found.Label == chip)
                ?? throw new PinsException($"no GPIO chip named or labelled \"{chip}\"; this machine has {(chips.Count == 0 ? "none" : string.Join(", ", chips.Select(found => $"{found.Name} ({found.Label})")))}"));
        }
        catch (Exception e) when (e is DllNotFoundException or PlatformNotSupportedException)
        {
            throw new PinsException("driver \"system\" needs libgpiod 1, which is not installed (apt-get install libgpiod2); with Linux 5.10 or later use driver \"kernel\"", e);
        }
    }

    private void Report(int line, bool high)
    {
        lock (_lock)
        {
            var loss = _lost == 0 ? null : new PinLoss(_lost, ReadLevels());
            _lost = _edges.Writer.TryWrite(new PinEdge(line, high != _lines[line].ActiveLow, clock.Read().MonotonicNs, loss)) ? 0 : _lost + 1;
        }
    }
}
