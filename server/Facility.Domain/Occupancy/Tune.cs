namespace Facility.Domain.Occupancy;
internal static class Tune
{
    public static float F(string name, float d) => float.TryParse(System.Environment.GetEnvironmentVariable("T_" + name), System.Globalization.CultureInfo.InvariantCulture, out var v) ? v : d;
    public static readonly float ClosedQuiet = F("cq", 0.02f), ClosedEmpty = F("ce", 0.0005f), LateQuiet = F("lq", 0.02f), LateEmpty = F("le", 0.0001f), OpenQuiet = F("oq", 0f), OpenEmpty = F("oe", 0.00002f),
      PresEmpty = F("pe", 0.002f), SeenA = F("sa", 0.7f), SeenB = F("sb", 0.2f), RiseA = F("ra", 0.05f), Kept = F("kept", 0.96f), Temper = F("temper", 1f), Nobody = F("on", 0.02f), RatioSd = F("rsd", 0.07f), Leave = F("leave", 1.4f), SettleScale = F("ss", 2f), QuietShape = F("qs", 3f),
      TwiceHi = F("th", 0.03f), WrongHi = F("wh", 0.012f), TwiceLo = F("tl", 0.004f), WrongLo = F("wl", 0.001f), Tau0 = F("tau", 4f), Cross = F("cross", 1f), Lev0 = F("l0", 0.35f), Lev1 = F("l1", 0.4f), Lev2 = F("l2", 0.25f), LeaveSeen = F("ls", 1f), Mix = F("mix", 0.03f), Fall = F("fall", 0.03f), Mr = F("mr", 0.3f), V0=F("v0",0.01f), V1=F("v1",0.065f), V2=F("v2",0.125f), HoldMin=F("hold",5f), Lr0=F("lr0",180f);
}
