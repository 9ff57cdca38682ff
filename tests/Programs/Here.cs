using System.Net;
using System.Net.Sockets;

namespace Facility.Tests.Programs;

/// <summary>Ports and folders of this machine for one test.</summary>
public static class Here
{
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("facility-").FullName;
}
