namespace Facility.Domain.Occupancy;

/// <summary>What the hours say of a minute: whether people are expected in the building.</summary>
internal enum Hours
{
    Open,

    /// <summary>The hours are not known, and it is late or early.</summary>
    Late,
    Closed,

    /// <summary>The minute of the nightly zero.</summary>
    Night,
}

/// <summary>
/// Makes steps of what is observed of one zone, or of the whole site by its outer doors: what a passage, a presence sensor
/// and their silence say. Live and in hindsight it is the same, only the order of arrival differs.
/// </summary>
/// <remarks>
/// Silence is weak evidence against people in the day (students sit still for an hour), strong when the building is
/// closed, and none at all while a door's device is not heard. A presence sensor is believed by what it has shown: one
/// that often missed people who were there says little when it sees nobody, and silence is believed by what followed it:
/// a room that people came out of though it had been silent for long is given longer.
/// </remarks>
internal sealed class ZoneEvidence(ZoneMemory memory, Action<Step> take)
{
    // A presence sensor holds its last sight for some minutes.
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(5);

    // Silence of a closed building that leaves little doubt.
    private static readonly TimeSpan Lasting = TimeSpan.FromHours(1);

    // Silence in the day that what follows is judged by.
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(20);

    // Where people are others come in too: silence tells more than that nobody left.
    private const float Coming = 2;

    public ZoneMemory Memory => memory;

    /// <param name="persons">Positive into the zone.</param>
    public void Pass(DateTimeOffset at, int persons)
    {
        // A passage from before the zone was last known is in what was known then.
        if (memory.KnownAt > at)
        {
            return;
        }

        Learn(persons);
        for (var i = 0; i < Math.Abs(persons); i++)
        {
            take(new Step(persons > 0 ? StepKind.In : StepKind.Out));
        }

        memory.LastPassage = Later(memory.LastPassage, at);
        memory.Passages += Math.Abs(persons);
        memory.Outs += Math.Max(0, -persons);
    }

    // Who comes out of a room that silence had emptied had been there; who comes in bears the silence out. Its strength moves
    // until that happens as often as was expected: what an occupied room does next, and a miscounted empty one.
    private void Learn(int persons)
    {
        const double OutOfOccupied = 0.7, OutOfEmpty = 0.08;
        if (memory.Nobody is not { } nobody)
        {
            return;
        }

        var surprise = nobody * (((1 - nobody) * OutOfOccupied) + (nobody * OutOfEmpty) - (persons < 0 ? 1 : 0));
        if (memory.WasOpen)
        {
            memory.OpenSilence = Math.Clamp(memory.OpenSilence + (0.2 * surprise), -1.5, 0.7);
        }
        else
        {
            memory.ClosedSilence = Math.Clamp(memory.ClosedSilence + (0.4 * surprise), -4, 0.7);
        }

        memory.Nobody = null;
    }

    public void Count(DateTimeOffset at, int people)
    {
        take(new Step(StepKind.Counted, people));
        memory.KnownAt = Later(memory.KnownAt, at);
        (memory.Lost, memory.Unheard) = (0, 0);
    }

    /// <summary>Presence changes: null where no sensor tells.</summary>
    public void See(DateTimeOffset at, bool? someone)
    {
        if (someone == memory.Someone)
        {
            return;
        }

        if (someone == true)
        {
            if (memory.Someone == false && memory.QuietWhileIn)
            {
                memory.Quiets++;
                if (!(memory.LastPassage > memory.Since))
                {
                    memory.Missed++;
                    memory.MissedMinutes += Math.Min(60, (at - memory.Since).TotalMinutes);
                }
            }

            take(new Step(StepKind.Seen, 0.05f, 0));
        }

        if (someone == false)
        {
            take(new Step(StepKind.Quiet, -MathF.Log(memory.MissRate)));
            take(new Step(StepKind.Emptied, 0.03f));
        }

        (memory.Someone, memory.Since) = (someone, at);
    }

    /// <summary>One minute has passed.</summary>
    /// <param name="heard">Whether all its doors' devices were.</param>
    /// <param name="median">Of the people in it.</param>
    /// <param name="nobody">How likely it is that nobody is.</param>
    public void Pass(DateTimeOffset now, Hours hours, bool heard, int median, float nobody)
    {
        if (hours == Hours.Night)
        {
            // Where people are known to stay, the night says less of how the doors count, and leaves them there.
            var doubt = 1 - (float)Math.Min(1, Math.Exp(memory.ClosedSilence));
            take(new Step(StepKind.Settled, 1 - (0.5f * doubt), 0.5f - (0.4f * doubt)));
            (memory.KnownAt, memory.Lost, memory.Unheard) = (now, 0, 0);
            memory.Fade();
            return;
        }

        memory.PersonMinutes += median;
        memory.Minutes += hours == Hours.Open ? 1 : 0;
        // What a silent device holds back it tells when it is heard again.
        memory.Unheard = heard ? 0 : memory.Unheard + (hours == Hours.Open ? 1 : 0.1);
        var still = !(memory.LastPassage > now - TimeSpan.FromMinutes(1));
        if (memory.Someone == true)
        {
            if (Steady(now))
            {
                take(new Step(StepKind.Seen, 0.7f, 0.2f));
            }

            if (still && heard)
            {
                take(new Step(StepKind.Quiet, memory.LeavingRate));
            }
        }
        else if (memory.Someone == false)
        {
            memory.QuietWhileIn = now - memory.Since < TimeSpan.FromMinutes(1.5) ? median > 0 : memory.QuietWhileIn;
            if (still)
            {
                take(new Step(StepKind.Quiet, 1 / memory.Blindness));
                take(new Step(StepKind.Emptied, 0.002f / memory.Blindness));
            }
        }
        else if (still && heard)
        {
            var (quiet, emptied) = hours switch
            {
                Hours.Closed when !(memory.LastPassage > now - Lasting) => (0.2f, 0.02f),
                Hours.Closed => (0.02f, 0.0005f),
                Hours.Late => (0.02f, 0.0001f),
                _ => (0f, 0.00002f),
            };
            var believed = MathF.Exp((float)(hours == Hours.Open ? memory.OpenSilence : memory.ClosedSilence));
            // Who has sat for long sits on: the rates of people differ, and exponentially spread ones wear out so.
            var leaving = Coming * memory.LeavingRate;
            leaving /= 1 + (leaving * (float)(now - (memory.LastPassage ?? now)).TotalMinutes);
            take(new Step(StepKind.Quiet, believed * MathF.Max(quiet, leaving)));
            take(new Step(StepKind.Emptied, believed * emptied));
            if (!(memory.LastPassage > now - (hours == Hours.Open ? Telling : Lasting)))
            {
                (memory.Nobody, memory.WasOpen) = (nobody, hours == Hours.Open);
            }
        }
    }

    /// <summary>Whether what the presence sensor sees is people, and not the last one's echo.</summary>
    public bool Steady(DateTimeOffset now) =>
        memory.Someone == true && (!(memory.LastPassage > memory.Since) || now - memory.LastPassage > Hold);

    private static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a > b ? a.Value : b;
}
