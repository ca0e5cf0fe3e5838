"""Every way in: GraphQL over FastAPI, MCP, the command line."""
