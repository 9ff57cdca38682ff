using System.Buffers.Binary;

namespace Facility.Domain.Occupancy;

/// <summary>
/// The probability of each number of people in one zone now: a discrete Bayes filter for each hypothesis on its doors'
/// errors, and the probability of each hypothesis.
/// </summary>
/// <remarks>
/// The forward pass of a hidden Markov model (Rabiner, "A tutorial on hidden Markov models and selected applications in
/// speech recognition", Proc. IEEE 77, 1989), mixed over unknown parameters that hardly change. Hypotheses below
/// <see cref="Idle"/> rest until the next night, so that a step costs what is still in doubt.
/// </remarks>
internal sealed class CountFilter
{
    private const float Idle = 6e-4f;

    private readonly HeadCount[] _heads = [.. DoorErrors.All.Select(_ => new HeadCount())];
    private readonly float[] _weights = [.. DoorErrors.All.Select(e => e.Prior)];
    private float[] _mixed = [];
    private int _first;
    private Span90 _span;
    private bool _fresh;

    public IReadOnlyList<float> Weights => _weights;

    public bool IsZero
    {
        get
        {
            for (var h = 0; h < _heads.Length; h++)
            {
                if (_weights[h] > 0 && !_heads[h].IsZero)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Persons for each one that its doors count in, and out.</summary>
    public (double In, double Out) Gains
    {
        get
        {
            double Mean(Func<DoorErrors, double> gain) => DoorErrors.All.Select((e, h) => _weights[h] * gain(e)).Sum() / _weights.Sum();
            return (Mean(e => e.GainIn), Mean(e => e.GainOut));
        }
    }

    public void Take(in Step step)
    {
        if (step.Kind is StepKind.Quiet or StepKind.Emptied && IsZero)
        {
            return;
        }

        _fresh = false;
        var sum = 0f;
        for (var h = 0; h < _heads.Length; h++)
        {
            if (_weights[h] > 0)
            {
                _weights[h] *= MathF.Max(1e-6f, _heads[h].Take(step, DoorErrors.All[h]));
                sum += _weights[h];
            }
        }

        for (var h = 0; h < _heads.Length; h++)
        {
            _weights[h] /= sum;
            _weights[h] = _weights[h] < Idle ? 0 : _weights[h];
        }

        if (step.Kind == StepKind.Settled)
        {
            Forget();
        }
    }

    /// <summary>The probability that nobody is there.</summary>
    public float Nobody
    {
        get
        {
            Read();
            return _first == 0 ? _mixed[0] : 0;
        }
    }

    /// <summary>The median and the 90% interval.</summary>
    public Span90 Read()
    {
        if (!_fresh)
        {
            Mix();
            (_span, _fresh) = (Span90.Of(_first, _mixed), true);
        }

        return _span;
    }

    /// <summary>Hypotheses that are not idle: index, weight, first number, how many, their probabilities; all of 4 bytes, little-endian.</summary>
    public byte[] Save()
    {
        var active = Enumerable.Range(0, _heads.Length).Where(h => _weights[h] > 0).ToArray();
        var bytes = new byte[active.Sum(h => 4 * (4 + _heads[h].P.Length))];
        var at = bytes.AsSpan();
        foreach (var h in active)
        {
            var p = _heads[h].P;
            BinaryPrimitives.WriteInt32LittleEndian(at, h);
            BinaryPrimitives.WriteSingleLittleEndian(at[4..], _weights[h]);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], _heads[h].First);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], p.Length);
            for (var i = 0; i < p.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(at[(16 + (4 * i))..], p[i]);
            }

            at = at[(16 + (4 * p.Length))..];
        }

        return bytes;
    }

    /// <returns>Null where the bytes are not a <see cref="Save"/>.</returns>
    public static CountFilter? Restore(byte[] saved)
    {
        var filter = new CountFilter();
        Array.Clear(filter._weights);
        ReadOnlySpan<byte> at = saved;
        while (at.Length >= 20)
        {
            var (h, first, length) = (BinaryPrimitives.ReadInt32LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[8..]), BinaryPrimitives.ReadInt32LittleEndian(at[12..]));
            if (h < 0 || h >= filter._heads.Length || first < 0 || length < 1 || length > (at.Length - 16) / 4)
            {
                return null;
            }

            var p = new float[length];
            for (var i = 0; i < length; i++)
            {
                p[i] = BinaryPrimitives.ReadSingleLittleEndian(at[(16 + (4 * i))..]);
            }

            filter._weights[h] = BinaryPrimitives.ReadSingleLittleEndian(at[4..]);
            filter._heads[h].Set(first, p);
            at = at[(16 + (4 * length))..];
        }

        return at.IsEmpty && saved.Length > 0 ? filter : null;
    }

    private void Forget()
    {
        Mix();
        for (var h = 0; h < _heads.Length; h++)
        {
            if (_weights[h] == 0)
            {
                _heads[h].Set(_first, _mixed);
            }
        }

        DoorErrors.Overnight(_weights);
    }

    private void Mix()
    {
        var (first, end) = (int.MaxValue, 0);
        for (var h = 0; h < _heads.Length; h++)
        {
            if (_weights[h] > 0)
            {
                first = Math.Min(first, _heads[h].First);
                end = Math.Max(end, _heads[h].First + _heads[h].P.Length);
            }
        }

        _first = first;
        if (_mixed.Length != end - first)
        {
            _mixed = new float[end - first];
        }

        Array.Clear(_mixed);
        for (var h = 0; h < _heads.Length; h++)
        {
            if (_weights[h] > 0)
            {
                Vectors.AddScaled(_mixed.AsSpan(_heads[h].First - first), _heads[h].P, _weights[h]);
            }
        }
    }
}
