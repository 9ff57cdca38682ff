namespace Facility.Server.Adapters.Broker;

/// <summary>
/// Follows the packets of one connection (MQTT 5, section 2.1) and says when one may not be: the first must be a CONNECT, it and all that
/// comes before the broker let its sender in must be small, and none may be larger than the broker takes. It sees the header before
/// anybody makes room for the body.
/// </summary>
internal sealed class PacketGate(int mostBefore, int most)
{
    private const byte Connect = 0x10;
    private const int LongestLength = 4;

    private int _lengthBytes;
    private long _length;
    private long _left;
    private bool _inHeader;
    private bool _began;

    /// <summary>The broker took the CONNECT.</summary>
    public bool IsLetIn { get; set; }

    /// <summary>Whether a packet has begun and is not whole.</summary>
    public bool IsWithin => _inHeader || _left > 0;

    /// <summary>Takes bytes as they are handed on.</summary>
    /// <returns>Why the connection must end; null when it may go on.</returns>
    public string? Look(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_left > 0)
            {
                var taken = (int)Math.Min(_left, bytes.Length);
                _left -= taken;
                bytes = bytes[taken..];
                continue;
            }

            var b = bytes[0];
            bytes = bytes[1..];
            if (!_inHeader)
            {
                if (!_began && b != Connect)
                {
                    return "its first packet is no CONNECT";
                }

                (_began, _inHeader, _lengthBytes, _length) = (true, true, 0, 0);
                continue;
            }

            _length |= (long)(b & 0x7f) << (7 * _lengthBytes++);
            if (_length > (IsLetIn ? most : mostBefore))
            {
                return $"a packet of {_length} bytes or more; allowed are {(IsLetIn ? most : mostBefore)}";
            }

            if ((b & 0x80) == 0)
            {
                (_inHeader, _left) = (false, _length);
            }
            else if (_lengthBytes == LongestLength)
            {
                return "the length of a packet does not end";
            }
        }

        return null;
    }
}
