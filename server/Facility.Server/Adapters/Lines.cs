using System.Buffers;
using System.Globalization;
using System.Text;

namespace Facility.Server.Adapters;

/// <summary>Lines of text as the bytes that go out: no string is made for any of them. Not safe for threads while it is written.</summary>
internal sealed class Lines
{
    private readonly ArrayBufferWriter<byte> _bytes = new(16 * 1024);
    private readonly List<int> _ends = [];

    public int Count => _ends.Count;

    /// <summary>Bytes so far: where what is written next begins.</summary>
    public int Length => _bytes.WrittenCount;

    public Lines Text(ReadOnlySpan<byte> utf8)
    {
        _bytes.Write(utf8);
        return this;
    }

    public Lines Text(ReadOnlySpan<char> text)
    {
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        return this;
    }

    public Lines Number(long number) => Formatted(number, "");

    /// <summary>The shortest text that reads back as the same number.</summary>
    public Lines Number(double number) => number is > -1e9 and < 1e9 && number == (long)number ? Formatted((long)number, "") : Formatted(number, "R");

    public Lines Formatted<T>(T value, string format)
        where T : IUtf8SpanFormattable
    {
        int written;
        for (var room = 48; !value.TryFormat(_bytes.GetSpan(room), out written, format, CultureInfo.InvariantCulture);)
        {
            room *= 2;
        }

        _bytes.Advance(written);
        return this;
    }

    /// <summary>Some of what was written before, again.</summary>
    public Lines Again(int from, int length)
    {
        var room = _bytes.GetSpan(length);
        _bytes.WrittenSpan.Slice(from, length).CopyTo(room);
        _bytes.Advance(length);
        return this;
    }

    public void End()
    {
        Text("\n"u8);
        _ends.Add(Length);
    }

    /// <summary>Some lines, each with its end.</summary>
    public ReadOnlyMemory<byte> Some(int from, int count) => _bytes.WrittenMemory[Start(from).._ends[from + count - 1]];

    public string this[int line] => Encoding.UTF8.GetString(_bytes.WrittenSpan[Start(line)..(_ends[line] - 1)]);

    private int Start(int line) => line == 0 ? 0 : _ends[line - 1];
}
