using Facility.Contracts.Mqtt;
using Facility.Domain.Places;

namespace Facility.Domain.Ingestion;

/// <summary>
/// Which events count. One that does not is journaled and acknowledged all the same, so that it blocks nothing, and is
/// set aside with the reason (contract, section 2.1).
/// </summary>
public static class Admission
{
    /// <param name="plan">The site's plan; null for a site that the server does not know.</param>
    public static SetAside Check(SitePlan? plan, string device, in DeviceEvent e)
    {
        if (e.Problem != SetAside.None)
        {
            return e.Problem;
        }

        if (plan is null)
        {
            return SetAside.UnknownSite;
        }

        if (!plan.HasDevice(device))
        {
            return SetAside.UnknownDevice;
        }

        // A loss is about the device: it need not name a sensor.
        if (e.Kind == EventKinds.Lost)
        {
            return SetAside.None;
        }

        var sensor = plan.Sensor(e.Sensor);
        if (sensor is null)
        {
            return SetAside.UnknownSensor;
        }

        if (sensor.Device != device)
        {
            return SetAside.SensorOfAnotherDevice;
        }

        return e.Kind == sensor.Kind || e.Kind == EventKinds.Fault || !EventKinds.IsKnown(e.Kind)
            ? SetAside.None
            : SetAside.KindOfAnotherSensor;
    }
}
