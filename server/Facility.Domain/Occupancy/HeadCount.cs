namespace Facility.Domain.Occupancy;

/// <summary>The probability of each number of people, over the window of numbers that are possible at all.</summary>
/// <remarks>Numbers less likely than <see cref="Negligible"/> at the ends of the window are dropped, so that a step costs what the uncertainty is wide.</remarks>
internal sealed class HeadCount
{
    private const float Negligible = 1e-7f;
    private const int MostNumbers = 256;

    // Someone counted out of a room that is empty came in unseen just before; it keeps a certain zero from breaking.
    public const float OutOfNobody = 0.05f;
    private float[] _room = new float[32];
    private float[] _spare = new float[32];
    private int _count = 1;

    public HeadCount() => Numbers[0] = 1;

    public int First { get; private set; }

    public ReadOnlySpan<float> P => Present;

    private Span<float> Numbers => _room.AsSpan(Vectors.Margin);

    private Span<float> Present => Numbers[.._count];

    public bool IsZero => First == 0 && _count == 1;

    public void Set(int first, ReadOnlySpan<float> p)
    {
        Reserve(p.Length);
        p.CopyTo(Numbers);
        (First, _count) = (first, p.Length);
    }

    /// <summary>Takes a step and normalizes.</summary>
    /// <returns>How likely the evidence was.</returns>
    public float Take(in Step step, DoorErrors errors)
    {
        switch (step.Kind)
        {
            case StepKind.In or StepKind.Out:
                Move(step.Kind == StepKind.In ? errors.In : errors.Out, step.Kind == StepKind.In ? 1 : -1);
                if (First > DoorErrors.Taps)
                {
                    // Far from nobody nothing is unlikely; what rounding takes away comes back with the next evidence.
                    Trim();
                    Narrow();
                    return 1;
                }

                break;
            case StepKind.Emptied:
                Empty(step.A);
                break;
            case StepKind.Settled:
                Weigh(step);
                var settled = Normalize();
                Empty(step.A);
                Normalize();
                return settled;
            case StepKind.Seen when First == 0:
                See(step.A, step.B);
                break;
            case StepKind.Seen:
                return 1;
            case StepKind.Counted:
                Allow((int)step.A);
                Weigh(step);
                break;
            default:
                Weigh(step);
                break;
        }

        return Normalize();
    }

    private void Move(float[] taps, int sign)
    {
        var low = First + (sign > 0 ? DoorErrors.LeastTap : -(DoorErrors.Taps - 1 + DoorErrors.LeastTap));
        var shift = Math.Max(0, -low);
        var first = Math.Max(0, low);
        var size = _count + DoorErrors.Taps - 1;
        Reserve(size);
        Numbers.Slice(_count, Vectors.Behind).Clear();
        Span<float> upwards = stackalloc float[DoorErrors.Taps];
        taps.CopyTo(upwards);
        if (sign < 0)
        {
            upwards.Reverse();
        }

        Vectors.Spread(_spare, _room, _count, upwards);
        var to = _spare.AsSpan(Vectors.Margin, size);
        if (shift > 0)
        {
            // What would be below zero is kept at zero, at the price of its being unlikely.
            var below = 0f;
            for (var i = 0; i < Math.Min(shift, size); i++)
            {
                below += to[i];
            }

            var above = to[Math.Min(shift, size - 1)..];
            above[0] = (shift < size ? above[0] : 0) + (OutOfNobody * below);
            above.CopyTo(to);
            size = above.Length;
        }

        (_room, _spare) = (_spare, _room);
        (First, _count) = (first, size);
    }

    private void Empty(float share)
    {
        foreach (ref var p in Present)
        {
            p *= 1 - share;
        }

        Allow(0);
        Numbers[0] += share;
    }

    private void See(float weight, float came)
    {
        Allow(1);
        var p = Numbers;
        p[0] *= weight;
        p[1] += p[0] * came;
        p[0] *= 1 - came;
    }

    private void Weigh(in Step step)
    {
        var p = Present;
        for (var i = 0; i < p.Length; i++)
        {
            p[i] *= Likelihood.Of(step, First + i);
        }
    }

    /// <summary>Makes a number possible, however unlikely: a person's own count rules over what was thought.</summary>
    private void Allow(int n)
    {
        const float Unthought = 1e-4f;
        if (n < First)
        {
            var size = _count + First - n;
            Reserve(size);
            Present.CopyTo(Numbers[(First - n)..]);
            Numbers[..(First - n)].Clear();
            (First, _count) = (n, size);
        }
        else if (n - First >= _count)
        {
            Reserve(n - First + 1);
            Numbers[_count..(n - First + 1)].Clear();
            _count = n - First + 1;
        }

        if (n > 1)
        {
            Numbers[n - First] += Unthought;
        }
    }

    private float Normalize()
    {
        var sum = Vectors.Sum(P);
        if (!(sum > 0))
        {
            return 0;
        }

        Vectors.Scale(Present, 1 / sum);
        Trim();
        return sum;
    }

    private void Trim()
    {
        var p = Present;
        var (from, to) = (0, _count);
        while (from < to - 1 && p[from] < Negligible)
        {
            from++;
        }

        while (to > from + 1 && p[to - 1] < Negligible)
        {
            to--;
        }

        Keep(from, to);
    }

    // A count that nothing has settled for many thousand passages: the least likely ends go, so that a passage costs no more than it did.
    private void Narrow()
    {
        var p = Present;
        var (from, to) = (0, _count);
        while (to - from > MostNumbers)
        {
            (from, to) = p[from] < p[to - 1] ? (from + 1, to) : (from, to - 1);
        }

        Keep(from, to);
    }

    private void Keep(int from, int to)
    {
        if (from > 0)
        {
            Present[from..to].CopyTo(Numbers);
        }

        (First, _count) = (First + from, to - from);
    }

    private void Reserve(int size)
    {
        size += Vectors.Margin + Vectors.Behind;
        if (_room.Length < size)
        {
            Array.Resize(ref _room, size + (size / 2));
            _spare = new float[_room.Length];
        }
    }
}
