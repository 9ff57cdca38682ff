namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>One case of the suite.</summary>
/// <param name="Decidable">Two beams can decide it: nothing may be missed or false.</param>
/// <param name="Scenes">How many are drawn.</param>
/// <param name="Bounces">Each edge bounces for 1 to 5 ms.</param>
internal sealed record Case(string Name, bool Decidable, int Scenes, Func<Random, Scene> Draw, bool Bounces = false);

/// <summary>The cases: bodies of 0.2 to 0.45 m (a child 0.08 to 0.18 m) through beams 3 to 10 cm apart, drawn with a fixed seed.</summary>
internal static class Cases
{
    public static readonly IReadOnlyList<Case> All =
    [
        new("single file, 0.3-3 m/s", true, 40, r => File(r, 8, () => Between(r, 0.3, 3), () => Adult(r))),
        new("running, 3-6 m/s", true, 20, r => File(r, 8, () => Between(r, 3, 6), () => Adult(r))),
        new("shuffling, 0.05-0.3 m/s", true, 20, r => File(r, 4, () => Between(r, 0.05, 0.3), () => Adult(r))),
        new("two people 0.4 s apart, 150 ms clear between", true, 60, r => TwoPeople(r, Between(r, 0.1, 0.24))),
        new("child (short break), 0.5-3 m/s", true, 40, r => File(r, 5, () => Between(r, 0.5, 3), () => Solid(Between(r, 0.08, 0.18)))),
        new("legs, walker or trolley, pieces under 80 ms apart", true, 80, InPieces),
        new("turn-back at every phase", true, 200, TurnBack),
        new("turn-back in pieces", true, 80, r => TurnBack(r, 0.035)),
        new("turn-back, then through after all", true, 60, Hesitates),
        new("lingering 30 s in a beam, then on or back", true, 60, Lingers),
        new("door swing, then a person", true, 60, DoorSwing),
        new("single file, contacts bounce 1-5 ms", true, 40, r => File(r, 8, () => Between(r, 0.3, 3), () => Adult(r)), Bounces: true),
        new("turn-back, contacts bounce 1-5 ms", true, 60, TurnBack, Bounces: true),
        new("a beam flickers, then people", true, 40, r => Flicker(r, during: false)),
        new("after a beam was blocked for hours", true, 10, r => Blocked(r, during: false)),
        new("two people 0.4 s apart, 90-150 ms clear between", false, 60, r => TwoPeople(r, Between(r, 0.25, 0.31))),
        new("two people 0.4 s apart, under 90 ms clear", false, 60, r => TwoPeople(r, Between(r, 0.31, 0.39))),
        new("the next comes while one is in the second beam", false, 60, Tailgates),
        new("side by side", false, 60, SideBySide),
        new("meeting in the beams", false, 100, Meets),
        new("long trolley, pieces 0.1-0.5 s apart", false, 60, LongTrolley),
        new("people while a beam flickers", false, 40, r => Flicker(r, during: true)),
        new("people while a beam is blocked for hours", false, 10, r => Blocked(r, during: true)),
    ];

    private static double Between(Random r, double least, double most) => least + r.NextDouble() * (most - least);

    private static int Either(Random r) => r.Next(2) * 2 - 1;

    private static Scene Door(Random r) => new(Between(r, 0.03, 0.10));

    private static Piece[] Solid(double length) => [new(0, length)];

    private static Piece[] Adult(Random r) => Solid(Between(r, 0.2, 0.45));

    private static double Clear(Random r) => 0.15 + Between(r, 0, 1.5);

    private static Scene File(Random r, int people, Func<double> speed, Func<Piece[]> body)
    {
        var scene = Door(r);
        for (var i = 0; i < people; i++)
        {
            scene.Then(Clear(r), Walk.Through(body(), Either(r), speed(), scene.Spacing));
        }

        return scene;
    }

    // Each breaks the first beam 0.4 s after the other; a body is in the beams for so long.
    private static Scene TwoPeople(Random r, double secondsInBeams)
    {
        var (scene, direction) = (Door(r), Either(r));
        var length = Between(r, 0.2, 0.3);
        var walk = Walk.Through(Solid(length), direction, (length + scene.Spacing) / secondsInBeams, scene.Spacing);
        return scene.With(walk).With(walk.Later(0.4));
    }

    private static Piece[] Pieces(Random r, double mostGap)
    {
        var pieces = new List<Piece>();
        var at = 0.0;
        for (var i = r.Next(2, 5); i > 0; i--)
        {
            var length = Between(r, 0.06, 0.3);
            pieces.Add(new Piece(at, at + length));
            at += length + Between(r, 0.01, mostGap);
        }

        return [.. pieces];
    }

    private static Scene InPieces(Random r)
    {
        var scene = Door(r);
        for (var i = 0; i < 3; i++)
        {
            var speed = Between(r, 0.5, 2);
            scene.Then(Clear(r), Walk.Through(Pieces(r, 0.078 * speed), Either(r), speed, scene.Spacing));
        }

        return scene;
    }

    private static Scene TurnBack(Random r) => TurnBack(r, 0);

    // From a toe in the first beam to just through (and back within 80 ms). Pieces are so close that turning between them is too.
    private static Scene TurnBack(Random r, double mostGapSeconds)
    {
        var (scene, speed) = (Door(r), Between(r, 0.4, 2));
        var pieces = mostGapSeconds > 0 ? Pieces(r, mostGapSeconds * speed) : Adult(r);
        var deepest = scene.Spacing + pieces.Max(piece => piece.To) + 0.035 * speed;
        return scene.Then(1, Walk.Along(pieces, Either(r), false, speed, [Between(r, 0.02, deepest)]))
            .Then(Clear(r), Walk.Through(Adult(r), Either(r), Between(r, 0.5, 1.5), scene.Spacing));
    }

    private static Scene Hesitates(Random r)
    {
        var (scene, speed, body) = (Door(r), Between(r, 0.4, 2), Adult(r));
        var beyond = scene.Spacing + body[0].To;
        var turn = Between(r, 0.02, beyond);
        return scene.Then(1, Walk.Along(body, Either(r), true, speed, [turn, Between(r, 0.01, turn), beyond + 0.3]));
    }

    private static Scene Lingers(Random r)
    {
        var (scene, body) = (Door(r), Adult(r));
        var beyond = scene.Spacing + body[0].To;

        // In the first beam, in both, in the second.
        var place = r.Next(3) switch
        {
            0 => Between(r, 0.01, scene.Spacing - 0.01),
            1 => Between(r, scene.Spacing + 0.01, body[0].To - 0.01),
            _ => Between(r, body[0].To + 0.01, beyond - 0.01),
        };
        var passes = r.Next(2) == 0;
        return scene.Then(1, Walk.Along(body, Either(r), passes, Between(r, 0.4, 1.5), passes ? [place, beyond + 0.3] : [place], 30))
            .Then(Clear(r), Walk.Through(Adult(r), Either(r), 1, scene.Spacing));
    }

    // The leaf breaks the beam on its side, sometimes the other too, and goes back.
    private static Scene DoorSwing(Random r)
    {
        var (scene, side) = (Door(r), r.Next(2));
        var (from, length) = (1.0, Between(r, 0.2, 2));
        scene.Break(side, from, length);
        if (r.Next(2) == 0)
        {
            scene.Break(1 - side, from + length * 0.3, length * 0.4);
        }

        return scene.Then(Clear(r), Walk.Through(Adult(r), Either(r), Between(r, 0.4, 2), scene.Spacing));
    }

    private static Scene Flicker(Random r, bool during)
    {
        var (scene, beam, hertz, seconds) = (Door(r), r.Next(2), Between(r, 1, 25), Between(r, 5, 120));
        for (var t = 1.0; t < 1 + seconds; t += 1 / hertz)
        {
            scene.Break(beam, t, Between(r, 0.2, 0.8) / hertz);
        }

        // A flicker is over ten seconds after its end.
        for (var i = 0; i < 5; i++)
        {
            var walk = Walk.Through(Adult(r), Either(r), Between(r, 0.5, 2), scene.Spacing);
            scene = during ? scene.With(walk.Later(Between(r, 1, seconds))) : scene.Then(i == 0 ? 11 : Clear(r), walk);
        }

        return scene;
    }

    private static Scene Blocked(Random r, bool during)
    {
        var (scene, hours) = (Door(r), Between(r, 1, 10));
        scene.Break(r.Next(2), 1, hours * 3600);
        for (var i = 0; i < 20; i++)
        {
            var walk = Walk.Through(Adult(r), Either(r), Between(r, 0.5, 2), scene.Spacing);
            scene = during ? scene.With(walk.Later(10 + i * 100)) : scene.Then(Clear(r), walk);
        }

        return scene;
    }

    private static Scene Tailgates(Random r)
    {
        var (scene, direction) = (new Scene(0.2), Either(r));
        var walk = Walk.Through(Solid(0.25), direction, 1, scene.Spacing);
        return scene.With(walk).With(walk.Later(Between(r, 0.36, 0.44)));
    }

    private static Scene SideBySide(Random r)
    {
        var (scene, direction, speed) = (Door(r), Either(r), Between(r, 0.5, 1.5));
        return scene.With(Walk.Through(Adult(r), direction, speed, scene.Spacing))
            .With(Walk.Through(Adult(r), direction, speed, scene.Spacing).Later(Between(r, 0, 0.1)));
    }

    private static Scene Meets(Random r)
    {
        var scene = Door(r);
        return scene.With(Walk.Through(Adult(r), 1, Between(r, 0.5, 1.5), scene.Spacing).Later(Between(r, 0, 0.3)))
            .With(Walk.Through(Adult(r), -1, Between(r, 0.5, 1.5), scene.Spacing).Later(Between(r, 0, 0.3)));
    }

    private static Scene LongTrolley(Random r)
    {
        var (scene, speed) = (Door(r), Between(r, 0.5, 1.2));
        Piece[] pieces = [new(0, 0.1), new(0.1 + Between(r, 0.1, 0.5) * speed, 1)];
        return scene.Then(1, Walk.Through(pieces[1].From < 0.9 ? pieces : Solid(1), Either(r), speed, scene.Spacing));
    }
}
