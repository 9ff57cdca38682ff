using System.Net;
using System.Net.Sockets;

namespace Facility.Tests.Programs;

/// <summary>Ports and folders of this machine for one test.</summary>
public static class Here
{
    /// <summary>A port that was free a moment ago. Another process may take it first: the program then fails to start, and says so.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("facility-").FullName;
}
